using System.Globalization;
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
        long => "int",
        double => "float",
        string => "str",
        PyList { IsTuple: true } => "tuple",
        PyList => "list",
        PyDict => "dict",
        Undefined => "Undefined",
        NamespaceValue => "Namespace",
        Function => "function",
        _ => value.GetType().Name,
    };

    /// <summary>str(value).</summary>
    public static string Str(object? value) => value is string text ? text : value is Undefined ? "" : Repr(value);

    /// <summary>repr(value).</summary>
    public static string Repr(object? value)
    {
        StringBuilder output = new();
        Repr(value, output, 0);
        return output.ToString();
    }

    /// <summary>repr of a float: the shortest digits that read back as the same number.</summary>
    public static string Float(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }

        if (value == 0)
        {
            return double.IsNegative(value) ? "-0.0" : "0.0";
        }

        // "d.ddddE+xxx" with the fewest digits, then laid out as Python does.
        string shortest = value.ToString("E16", CultureInfo.InvariantCulture);
        string plain = value.ToString("R", CultureInfo.InvariantCulture);
        int exponent = int.Parse(shortest.AsSpan(shortest.IndexOf('E') + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string digits = Digits(plain);
        string sign = value < 0 ? "-" : "";
        if (exponent is >= -4 and < 16)
        {
            return sign + Positional(digits, exponent);
        }

        string mantissa = digits.Length > 1 ? $"{digits[0]}.{digits[1..]}" : digits;
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
    }

    private static string Digits(string plain)
    {
        int end = plain.IndexOf('E');
        string mantissa = end < 0 ? plain : plain[..end];
        string digits = string.Concat(mantissa.Where(char.IsAsciiDigit)).TrimStart('0').TrimEnd('0');
        return digits.Length == 0 ? "0" : digits;
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
            case string text:
                Quoted(text, output);
                break;
            case PyList list:
                List(list, output, depth);
                break;
            case PyDict dict:
                Dict(dict, output, depth);
                break;
            case NamespaceValue ns:
                output.Append("<Namespace ");
                Dict(ns.Attributes, output, depth);
                output.Append('>');
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
                case int c when c <= 0xFF: output.Append(CultureInfo.InvariantCulture, $"\\x{c:x2}"); break;
                case int c when c <= 0xFFFF: output.Append(CultureInfo.InvariantCulture, $"\\u{c:x4}"); break;
                case int c: output.Append(CultureInfo.InvariantCulture, $"\\U{c:x8}"); break;
            }
        }

        output.Append(quote);
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
