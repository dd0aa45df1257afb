using System.Globalization;
using System.Text;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>Python's strftime in the C locale.</summary>
internal static class Strftime
{
    public static string Format(Budget budget, DateTimeOffset time, string format)
    {
        StringBuilder output = new();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                output.Append(format[i]);
                continue;
            }

            char flag = format[++i] is '-' or '_' or '0' or '^' or '#' && i + 1 < format.Length ? format[i++] : '\0';
            string text = Directive(time, format[i]);
            bool isPadded = text.Length > 1 && text[0] is '0' or ' ';
            output.Append(flag switch
            {
                '-' when isPadded => text.TrimStart('0', ' ').PadLeft(1, '0'),
                '_' when isPadded => text.TrimStart('0', ' ').PadLeft(1, '0').PadLeft(text.Length),
                '0' when isPadded => text.TrimStart(' ').PadLeft(text.Length, '0'),
                '^' => text.ToUpperInvariant(),
                _ => text,
            });
        }

        budget.SpendText(output.Length);
        return output.ToString();
    }

    private static string Directive(DateTimeOffset time, char directive) => directive switch
    {
        'Y' => Text(time, "yyyy"),
        'y' => Text(time, "yy"),
        'm' => Text(time, "MM"),
        'd' => Text(time, "dd"),
        'e' => time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'C' => (time.Year / 100).ToString("00", CultureInfo.InvariantCulture),
        'G' => ISOWeek.GetYear(time.DateTime).ToString("0000", CultureInfo.InvariantCulture),
        'g' => (ISOWeek.GetYear(time.DateTime) % 100).ToString("00", CultureInfo.InvariantCulture),
        'V' => ISOWeek.GetWeekOfYear(time.DateTime).ToString("00", CultureInfo.InvariantCulture),
        'U' => ((time.DayOfYear + 6 - (int)time.DayOfWeek) / 7).ToString("00", CultureInfo.InvariantCulture),
        'W' => ((time.DayOfYear + 6 - (((int)time.DayOfWeek + 6) % 7)) / 7).ToString("00", CultureInfo.InvariantCulture),
        'H' => Text(time, "HH"),
        'k' => time.Hour.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'l' => Text(time, "%h").PadLeft(2),
        'P' => time.Hour < 12 ? "am" : "pm",
        'r' => Text(time, "hh':'mm':'ss ") + Directive(time, 'p'),
        's' => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
        'u' => ((((int)time.DayOfWeek + 6) % 7) + 1).ToString(CultureInfo.InvariantCulture),
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
