using System.Globalization;
using System.Numerics;
using System.Text;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>Python's <c>'…' % values</c>.</summary>
internal static class PercentFormat
{
    public static string Apply(Budget budget, string format, object? values)
    {
        IReadOnlyList<object?> list = values is PyList { IsTuple: true } tuple ? tuple.Items : [values];
        StringBuilder output = new();
        int next = 0;
        bool byName = false;
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                output.Append(format[i]);
                continue;
            }

            i++;
            string? name = Name(format, ref i);
            NumberSpec spec = new();
            for (; i < format.Length && "#0- +".Contains(format[i]); i++)
            {
                spec = spec.WithFlag(format[i]);
            }

            long width = Size(format, ref i);
            spec = spec with { LeftAligned = spec.LeftAligned || width < 0, Width = NumberSpec.CheckedWidth(budget, Math.Abs(width)) };
            if (At(format, i) == '.')
            {
                i++;
                spec = spec with { Precision = NumberSpec.CheckedPrecision(budget, Math.Max(0, Size(format, ref i))) };
            }

            while (At(format, i) is 'l' or 'h' or 'L')
            {
                i++;
            }

            char conversion = At(format, i);
            if (conversion == '%')
            {
                output.Append('%');
                continue;
            }

            byName |= name is not null;
            output.Append(Convert(budget, conversion, spec, name is null ? Next() : Named(name)));
            budget.SpendText(output.Length);
        }

        return byName || next == list.Count || values is PyDict ? output.ToString() : throw new TemplateException("not all arguments are converted by the format");

        object? Next() => next < list.Count ? list[next++] : throw new TemplateException("the format needs more arguments");

        long Size(string text, ref int at)
        {
            if (At(text, at) == '*')
            {
                at++;
                return Next() is long given ? given : throw new TemplateException("'*' in a format needs an integer");
            }

            int start = at;
            while (char.IsAsciiDigit(At(text, at)))
            {
                at++;
            }

            return at == start ? 0 : at - start > 9 ? int.MaxValue : long.Parse(text.AsSpan(start, at - start), CultureInfo.InvariantCulture);
        }

        object? Named(string key) => values is not PyDict dict ? throw new TemplateException("a format with names needs a dict")
            : dict.TryGet(key, out object? value) ? value : throw new TemplateException($"the format needs the key '{key}'");
    }

    private static char At(string text, int i) => i < text.Length ? text[i] : '\0';

    private static string? Name(string format, ref int i)
    {
        if (At(format, i) != '(')
        {
            return null;
        }

        int close = format.IndexOf(')', i);
        string name = close < 0 ? throw new TemplateException("a key in a format is not closed") : format[(i + 1)..close];
        i = close + 1;
        return name;
    }

    private static string Convert(Budget budget, char conversion, NumberSpec spec, object? value)
    {
        switch (conversion)
        {
            case 's':
                return spec.Text(PythonText.Str(budget, value));
            case 'r':
                return spec.Text(PythonText.Repr(budget, value));
            case 'a':
                return spec.Text(PythonText.Ascii(PythonText.Repr(budget, value)));
            case 'c':
                return spec.Text(value is long code and >= 0 and < 0x110000 && Rune.IsValid((int)code) ? new Rune((int)code).ToString()
                    : value is string one && CodePoints.Count(one) == 1 ? one
                    : throw new TemplateException("%c needs one character"));
            case 'd' or 'i' or 'u':
                return spec.Integer(value is double real ? Truncated(real) : Integer(value), 'd');
            case 'x' or 'X' or 'o':
                return spec.Integer(Integer(value), conversion);
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                return spec.Real(PythonEquality.Number(value) ?? throw Wrong(value), conversion);
            default:
                throw new TemplateException(conversion == '\0' ? "the format ends inside a conversion" : $"the conversion '%{conversion}' is not supported");
        }
    }

    private static BigInteger Truncated(double real) => double.IsFinite(real) ? new BigInteger(real) : throw new TemplateException("an infinite number or nan has no integer");

    private static BigInteger Integer(object? value) => PythonEquality.Integer(value) ?? throw Wrong(value);

    private static TemplateException Wrong(object? value) => new($"the format needs a number, not a {PythonText.TypeName(value)}");
}
