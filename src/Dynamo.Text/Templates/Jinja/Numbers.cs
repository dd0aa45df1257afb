using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>The filters int, float, abs and round.</summary>
internal static partial class Numbers
{
    private const int MaxDigits = 1000;

    /// <summary>int(value, default=0, base=10).</summary>
    public static object? Integer(object? value, Arguments arguments)
    {
        object? defaultValue = arguments.Get(0, "default", 0L);
        switch (value)
        {
            case long or BigInteger:
                return value;
            case bool flag:
                return flag ? 1L : 0L;
            case double real:
                return double.IsFinite(real) ? Shortest(new BigInteger(real)) : defaultValue;
            case string text:
                return Parse(text.Trim(), arguments.Integer(1, "base", 10)) is { } integer ? Shortest(integer)
                    : ParseFloat(text) is { } parsed && double.IsFinite(parsed) ? Shortest(new BigInteger(parsed))
                    : defaultValue;
            case Undefined missing:
                throw new TemplateException($"{missing.Description}, so 'int' cannot use it");
            default:
                return defaultValue;
        }
    }

    /// <summary>float(value, default=0.0).</summary>
    public static object? Float(object? value, Arguments arguments) => value switch
    {
        string text => ParseFloat(text) ?? arguments.Get(0, "default", 0.0),
        Undefined missing => throw new TemplateException($"{missing.Description}, so 'float' cannot use it"),
        _ => PythonEquality.Number(value) ?? arguments.Get(0, "default", 0.0),
    };

    /// <summary>abs(value).</summary>
    public static object? Absolute(object? value) => value is double real ? Math.Abs(real)
        : PythonEquality.Integer(value) is { } integer ? Shortest(BigInteger.Abs(integer))
        : throw Filters.Wrong("abs", value);

    /// <summary>round(value, precision=0, method='common').</summary>
    public static object? Round(object? value, Arguments arguments)
    {
        double number = PythonEquality.Number(value) ?? throw Filters.Wrong("round", value);
        int precision = (int)Math.Clamp(arguments.Integer(0, "precision", 0), -NumberText.MaxPrecision, NumberText.MaxPrecision);
        string method = arguments.Text(1, "method", "common");
        if (method == "common")
        {
            return PythonEquality.Integer(value) is { } integer ? Shortest(RoundInteger(integer, precision)) : NumberText.Round(number, precision);
        }

        double factor = Math.Pow(10, precision);
        return method switch
        {
            "ceil" => Math.Ceiling(number * factor) / factor,
            "floor" => Math.Floor(number * factor) / factor,
            _ => throw new TemplateException($"round(): method must be common, ceil or floor, is '{method}'"),
        };
    }

    private static BigInteger RoundInteger(BigInteger value, int precision)
    {
        if (precision >= 0)
        {
            return value;
        }

        BigInteger unit = BigInteger.Pow(10, -precision);
        return value.Sign * NumberText.Divide(BigInteger.Abs(value), unit) * unit;
    }

    private static BigInteger? Parse(string text, long numberBase)
    {
        string digits = text.Replace("_", "", StringComparison.Ordinal);
        if (digits.Length is 0 or > MaxDigits || text.StartsWith('_') || text.EndsWith('_') || text.Contains("__", StringComparison.Ordinal))
        {
            return null;
        }

        if (numberBase == 10)
        {
            return BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger value) ? value : null;
        }

        bool negative = digits[0] == '-';
        digits = digits.TrimStart('-', '+').ToLowerInvariant();
        string prefix = numberBase switch { 16 => "0x", 8 => "0o", 2 => "0b", _ => "" };
        digits = prefix.Length > 0 && digits.StartsWith(prefix, StringComparison.Ordinal) ? digits[2..] : digits;
        BigInteger result = 0;
        foreach (char c in digits)
        {
            int digit = char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiLetterLower(c) ? c - 'a' + 10 : int.MaxValue;
            if (digit >= numberBase)
            {
                return null;
            }

            result = (result * numberBase) + digit;
        }

        return digits.Length == 0 ? null : negative ? -result : result;
    }

    private static double? ParseFloat(string text)
    {
        string trimmed = text.Trim();
        if (FloatPattern().IsMatch(trimmed))
        {
            return double.Parse(trimmed.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture);
        }

        return trimmed.TrimStart('+', '-').ToLowerInvariant() switch
        {
            "inf" or "infinity" => trimmed[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity,
            "nan" => double.NaN,
            _ => null,
        };
    }

    private static object Shortest(BigInteger value) => value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;

    [GeneratedRegex(@"^[+-]?(\d+(_\d+)*(\.(\d+(_\d+)*)?)?|\.\d+(_\d+)*)([eE][+-]?\d+(_\d+)*)?\z", RegexOptions.CultureInvariant | RegexOptions.ECMAScript)]
    private static partial Regex FloatPattern();
}
