using System.Globalization;
using System.Numerics;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>Numbers as decimal text, rounded from their exact value, ties to even, as C and Python do.</summary>
internal static class NumberText
{
    /// <summary>Most digits behind the point that a format may ask for.</summary>
    public const int MaxPrecision = 1000;

    /// <summary><c>%.{precision}f</c> of a number that is not negative.</summary>
    public static string Fixed(double value, int precision)
    {
        string digits = Scaled(value, precision).ToString(CultureInfo.InvariantCulture).PadLeft(precision + 1, '0');
        return precision == 0 ? digits : digits.Insert(digits.Length - precision, ".");
    }

    /// <summary><c>%.{precision}e</c> of a number that is not negative.</summary>
    public static string Exponential(double value, int precision)
    {
        (string digits, int exponent) = Digits(value, precision + 1);
        string mantissa = precision == 0 ? digits : digits.Insert(1, ".");
        return string.Create(CultureInfo.InvariantCulture, $"{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
    }

    /// <summary><c>%.{precision}g</c> of a number that is not negative.</summary>
    public static string General(double value, int precision, bool keepZeros)
    {
        precision = Math.Max(1, precision);
        (_, int exponent) = Digits(value, precision);
        bool isFixed = exponent >= -4 && exponent < precision;
        string text = isFixed ? Fixed(value, precision - 1 - exponent) : Exponential(value, precision - 1);
        if (keepZeros || !text.Contains('.'))
        {
            return text;
        }

        int end = isFixed ? text.Length : text.IndexOf('e');
        return text[..end].TrimEnd('0').TrimEnd('.') + text[end..];
    }

    /// <summary>round(value, precision), which may be negative.</summary>
    public static double Round(double value, int precision)
    {
        if (!double.IsFinite(value) || precision > 400)
        {
            return value;
        }

        BigInteger scaled = Scaled(Math.Abs(value), precision);
        double result = double.Parse(string.Create(CultureInfo.InvariantCulture, $"{scaled}E{-precision}"), CultureInfo.InvariantCulture);
        return double.IsNegative(value) ? -result : result;
    }

    /// <summary>numerator / denominator, neither negative, rounded; ties to even.</summary>
    public static BigInteger Divide(BigInteger numerator, BigInteger denominator)
    {
        BigInteger quotient = BigInteger.DivRem(numerator, denominator, out BigInteger rest);
        int half = (2 * rest).CompareTo(denominator);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    // The number of digits given, and the exponent of the first.
    private static (string Digits, int Exponent) Digits(double value, int count)
    {
        if (value == 0)
        {
            return (new string('0', count), 0);
        }

        int exponent = (int)Math.Floor(Math.Log10(value));
        while (true)
        {
            string digits = Scaled(value, count - 1 - exponent).ToString(CultureInfo.InvariantCulture);
            if (digits.Length == count)
            {
                return (digits, exponent);
            }

            exponent += digits.Length > count ? 1 : -1;
        }
    }

    // value * 10^precision, rounded.
    private static BigInteger Scaled(double value, int precision)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)((bits >> 52) & 0x7FF);
        BigInteger numerator = (bits & 0xFFFFFFFFFFFFF) | (exponent == 0 ? 0 : 1L << 52);
        BigInteger denominator = BigInteger.One;
        exponent = Math.Max(exponent, 1) - 1075;
        numerator <<= Math.Max(0, exponent);
        denominator <<= Math.Max(0, -exponent);
        numerator *= BigInteger.Pow(10, Math.Max(0, precision));
        denominator *= BigInteger.Pow(10, Math.Max(0, -precision));
        return Divide(numerator, denominator);
    }
}
