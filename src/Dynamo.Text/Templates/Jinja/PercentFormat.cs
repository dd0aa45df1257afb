using System.Globalization;
using System.Text;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>Python's <c>'…' % values</c> with the conversions s, r, d, i, f, x, X and %%.</summary>
internal static class PercentFormat
{
    public static string Apply(Budget budget, string format, object? values)
    {
        IReadOnlyList<object?> list = values is PyList { IsTuple: true } tuple ? tuple.Items : [values];
        StringBuilder output = new();
        int next = 0;
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%')
            {
                output.Append(format[i]);
                continue;
            }

            int start = ++i;
            while (i < format.Length && (char.IsAsciiDigit(format[i]) || format[i] is '-' or '+' or '.' or ' ' or '#'))
            {
                i++;
            }

            if (i >= format.Length)
            {
                throw new TemplateException("the format ends inside a conversion");
            }

            if (format[i] == '%')
            {
                output.Append('%');
                continue;
            }

            object? value = next < list.Count ? list[next++] : throw new TemplateException("the format needs more values");
            output.Append(Convert(format[i], format[start..i], value));
            budget.SpendText(output.Length);
        }

        return next == list.Count || values is PyDict ? output.ToString() : throw new TemplateException("the format leaves values over");
    }

    private static string Convert(char conversion, string flags, object? value)
    {
        int point = flags.IndexOf('.');
        int precision = point >= 0 && int.TryParse(flags.AsSpan(point + 1), CultureInfo.InvariantCulture, out int given) ? Math.Min(given, 100) : -1;
        string widthText = (point >= 0 ? flags[..point] : flags).TrimStart('-', '+', ' ', '#', '0');
        int width = int.TryParse(widthText, CultureInfo.InvariantCulture, out int w) ? Math.Min(w, 10_000) : 0;
        string text = conversion switch
        {
            's' => PythonText.Str(value),
            'r' => PythonText.Repr(value),
            'd' or 'i' => Integer(value).ToString(CultureInfo.InvariantCulture),
            'x' => Integer(value).ToString("x", CultureInfo.InvariantCulture),
            'X' => Integer(value).ToString("X", CultureInfo.InvariantCulture),
            'f' or 'F' => Real(value).ToString("F" + (precision < 0 ? 6 : precision).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
            _ => throw new TemplateException($"the conversion '%{conversion}' is not supported"),
        };
        if (conversion is 's' or 'r' && precision >= 0 && precision < text.Length)
        {
            text = text[..precision];
        }

        if (flags.Contains('+') && conversion is 'd' or 'i' or 'f' && !text.StartsWith('-'))
        {
            text = "+" + text;
        }

        return flags.StartsWith('-') ? text.PadRight(width)
            : flags.StartsWith('0') && conversion is not ('s' or 'r') ? text.StartsWith('-') ? "-" + text[1..].PadLeft(width - 1, '0') : text.PadLeft(width, '0')
            : text.PadLeft(width);
    }

    private static long Integer(object? value) => value switch
    {
        long integer => integer,
        bool flag => flag ? 1 : 0,
        double real and > long.MinValue and < long.MaxValue => (long)real,
        _ => throw new TemplateException($"a number is needed, not a {PythonText.TypeName(value)}"),
    };

    private static double Real(object? value) => PythonEquality.Number(value) ?? throw new TemplateException($"a number is needed, not a {PythonText.TypeName(value)}");
}
