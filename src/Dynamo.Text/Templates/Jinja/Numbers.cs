using System.Globalization;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>The filters int, float and round.</summary>
internal static class Numbers
{
    /// <summary>int(value), or the default when it is none.</summary>
    public static object? Integer(object? value, object? defaultValue) => value switch
    {
        long or bool => value is bool flag ? (flag ? 1L : 0L) : value,
        double real when double.IsFinite(real) && Math.Abs(real) < 9.2e18 => (long)real,
        string text when long.TryParse(text.Trim().Replace("_", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer) => integer,
        string text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) && Math.Abs(real) < 9.2e18 => (long)real,
        _ => defaultValue,
    };

    /// <summary>float(value), or the default when it is none.</summary>
    public static object? Float(object? value, object? defaultValue) => value switch
    {
        string text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) ? real : defaultValue,
        _ => PythonEquality.Number(value) ?? defaultValue,
    };

    /// <summary>The filter round: to a float, with the method common, ceil or floor.</summary>
    public static object? Round(Interpreter interpreter, object? value, Arguments arguments)
    {
        double number = PythonEquality.Number(value) ?? throw Filters.Wrong("round", value);
        int precision = (int)Math.Clamp(arguments.Integer(0, "precision", 0), -300, 300);
        double factor = Math.Pow(10, precision);
        return arguments.Text(1, "method", "common") switch
        {
            "common" => value is long or bool && precision >= 0 ? value : precision is >= 0 and <= 15 ? Math.Round(number, precision, MidpointRounding.ToEven) : Math.Round(number * factor, MidpointRounding.ToEven) / factor,
            "ceil" => Math.Ceiling(number * factor) / factor,
            "floor" => Math.Floor(number * factor) / factor,
            string other => throw new TemplateException($"round(): method must be common, ceil or floor, is '{other}'"),
        };
    }
}
