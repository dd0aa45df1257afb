using System.Globalization;
using System.Text;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>Python's strftime in the C locale.</summary>
internal static class Strftime
{
    public static string Format(DateTimeOffset time, string format)
    {
        StringBuilder output = new();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                output.Append(format[i]);
                continue;
            }

            bool unpadded = format[++i] == '-' && i + 1 < format.Length;
            char directive = unpadded ? format[++i] : format[i];
            string text = Directive(time, directive);
            output.Append(unpadded && text.Length > 1 && char.IsAsciiDigit(text[0]) ? text.TrimStart('0').PadLeft(1, '0') : text);
        }

        return output.ToString();
    }

    private static string Directive(DateTimeOffset time, char directive) => directive switch
    {
        'Y' => Text(time, "yyyy"),
        'y' => Text(time, "yy"),
        'm' => Text(time, "MM"),
        'd' => Text(time, "dd"),
        'e' => time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'H' => Text(time, "HH"),
        'I' => Text(time, "hh"),
        'M' => Text(time, "mm"),
        'S' => Text(time, "ss"),
        'f' => Text(time, "ffffff"),
        'p' => time.Hour < 12 ? "AM" : "PM",
        'A' => Text(time, "dddd"),
        'a' => Text(time, "ddd"),
        'B' => Text(time, "MMMM"),
        'b' or 'h' => Text(time, "MMM"),
        'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
        'D' => Text(time, "MM'/'dd'/'yy"),
        'F' => Text(time, "yyyy'-'MM'-'dd"),
        'T' => Text(time, "HH':'mm':'ss"),
        'R' => Text(time, "HH':'mm"),
        'c' => Text(time, "ddd MMM ") + time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2) + Text(time, " HH':'mm':'ss yyyy"),
        'x' => Text(time, "MM'/'dd'/'yy"),
        'X' => Text(time, "HH':'mm':'ss"),
        'z' or 'Z' => "",
        'n' => "\n",
        't' => "\t",
        '%' => "%",
        _ => "%" + directive,
    };

    private static string Text(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);
}
