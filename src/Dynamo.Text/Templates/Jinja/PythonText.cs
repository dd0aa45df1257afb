using System.Globalization;
using System.Numerics;
using System.Text;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>Python's str() and repr().</summary>
internal static class PythonText
{
    private const int MaxDepth = 200;

    /// <summary>Name of a value's type in Python.</summary>
    public static string TypeName(object? value) => value switch
    {
        null => "NoneType",
        bool => "bool",
        long or BigInteger => "int",
        double => "float",
        string => "str",
        Markup => "Markup",
        PyList list => list.Kind switch
        {
            ListKind.List => "list",
            ListKind.Tuple => "tuple",
            ListKind.Range => "range",
            ListKind.Keys => "dict_keys",
            ListKind.Values => "dict_values",
            _ => "dict_items",
        },
        PyIterator => "generator",
        PyDict => "dict",
        Undefined => "Undefined",
        NamespaceValue => "Namespace",
        Function => "function",
        LoopValue => "LoopContext",
        _ => value.GetType().Name,
    };

    /// <summary>str(value).</summary>
    public static string Str(Budget budget, object? value) => value switch
    {
        string text => text,
        Markup markup => markup.Text,
        Undefined => "",
        _ => Repr(budget, value),
    };

    /// <summary>repr(value).</summary>
    public static string Repr(Budget budget, object? value)
    {
        StringBuilder output = new();
        Repr(value, output, 0);
        budget.SpendText(output.Length);
        return output.ToString();
    }

    /// <summary>A representation with everything beyond ASCII escaped.</summary>
    public static string Ascii(string representation)
    {
        StringBuilder output = new();
        foreach (Rune rune in representation.EnumerateRunes())
        {
            output.Append(rune.IsAscii ? rune.ToString() : Escaped(rune.Value));
        }

        return output.ToString();
    }

    /// <summary>repr of a float: the shortest digits that read back as the same number.</summary>
    public static string Float(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        string sign = double.IsNegative(value) ? "-" : "";
        if (value == 0)
        {
            return sign + "0.0";
        }

        // The shortest digits as .NET finds them ("123.45", "1.5E-05"), then laid out as Python does.
        string shortest = Math.Abs(value).ToString("R", CultureInfo.InvariantCulture);
        int e = shortest.IndexOf('E');
        string mantissa = e < 0 ? shortest : shortest[..e];
        int point = mantissa.IndexOf('.');
        int exponent = (e < 0 ? 0 : int.Parse(shortest.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)) + (point < 0 ? mantissa.Length : point) - 1;
        string all = mantissa.Replace(".", "", StringComparison.Ordinal);
        string digits = all.TrimStart('0');
        exponent -= all.Length - digits.Length;
        digits = digits.TrimEnd('0');
        if (exponent is >= -4 and < 16)
        {
            return sign + Positional(digits, exponent);
        }

        string scientific = digits.Length > 1 ? $"{digits[0]}.{digits[1..]}" : digits;
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{scientific}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
    }

    private static string Positional(string digits, int exponent)
    {
        if (exponent < 0)
        {
            return "0." + new string('0', -exponent - 1) + digits;
        }

        return digits.Length <= exponent + 1
            ? digits.PadRight(exponent + 1, '0') + ".0"
            : digits.Insert(exponent + 1, ".");
    }

    private static void Repr(object? value, StringBuilder output, int depth)
    {
        if (depth > MaxDepth || output.Length > Budget.MaxTextLength)
        {
            throw new TemplateException("a value is too large or too deep to print");
        }

        switch (value)
        {
            case null:
                output.Append("None");
                break;
            case bool flag:
                output.Append(flag ? "True" : "False");
                break;
            case long integer:
                output.Append(integer.ToString(CultureInfo.InvariantCulture));
                break;
            case double real:
                output.Append(Float(real));
                break;
            case BigInteger large:
                output.Append(large.ToString(CultureInfo.InvariantCulture));
                break;
            case string text:
                Quoted(text, output);
                break;
            case Markup markup:
                output.Append("Markup(");
                Quoted(markup.Text, output);
                output.Append(')');
                break;
            case PyRange range:
                output.Append(CultureInfo.InvariantCulture, $"range({range.Start}, {range.Stop}").Append(range.Step == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $", {range.Step}")).Append(')');
                break;
            case PyList { IsPlain: true } list:
                List(list, output, depth);
                break;
            case PyList view:
                output.Append(TypeName(view)).Append('(');
                List(view, output, depth);
                output.Append(')');
                break;
            case PyDict dict:
                Dict(dict, output, depth);
                break;
            case NamespaceValue ns:
                output.Append("<Namespace ");
                Dict(ns.Attributes, output, depth);
                output.Append('>');
                break;
            case Undefined:
                output.Append("Undefined");
                break;
            default:
                output.Append('<').Append(TypeName(value)).Append('>');
                break;
        }
    }

    private static void List(PyList list, StringBuilder output, int depth)
    {
        output.Append(list.IsTuple ? '(' : '[');
        for (int i = 0; i < list.Items.Count; i++)
        {
            output.Append(i > 0 ? ", " : "");
            Repr(list.Items[i], output, depth + 1);
        }

        output.Append(list.IsTuple ? list.Items.Count == 1 ? ",)" : ")" : "]");
    }

    private static void Dict(PyDict dict, StringBuilder output, int depth)
    {
        output.Append('{');
        for (int i = 0; i < dict.Count; i++)
        {
            output.Append(i > 0 ? ", " : "");
            Repr(dict.Items[i].Key, output, depth + 1);
            output.Append(": ");
            Repr(dict.Items[i].Value, output, depth + 1);
        }

        output.Append('}');
    }

    private static void Quoted(string text, StringBuilder output)
    {
        char quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        output.Append(quote);
        foreach (Rune rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '\\': output.Append(@"\\"); break;
                case '\n': output.Append(@"\n"); break;
                case '\r': output.Append(@"\r"); break;
                case '\t': output.Append(@"\t"); break;
                case int c when c == quote: output.Append('\\').Append(quote); break;
                case int c when c == ' ' || IsPrintable(rune): output.Append(rune.ToString()); break;
                case int c: output.Append(Escaped(c)); break;
            }
        }

        output.Append(quote);
    }

    private static string Escaped(int c) => c <= 0xFF ? $"\\x{c:x2}" : c <= 0xFFFF ? $"\\u{c:x4}" : $"\\U{c:x8}";

    /// <summary>str.isprintable for one character, the space left aside.</summary>
    public static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
