using System.Globalization;
using System.Numerics;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>How one value is laid out: what stands between <c>%</c> and its letter, or behind the colon of <c>{:}</c>.</summary>
internal readonly record struct NumberSpec()
{
    /// <summary>Shortest result, in characters.</summary>
    public int Width { get; init; }

    /// <summary>Digits behind the point, or characters of a text; -1 for none given.</summary>
    public int Precision { get; init; } = -1;

    /// <summary>Fills on the right.</summary>
    public bool LeftAligned { get; init; }

    /// <summary>Fills on both sides.</summary>
    public bool Centred { get; init; }

    /// <summary>Fills between sign and digits.</summary>
    public bool ZeroPadded { get; init; }

    /// <summary>With 0x and the like, and a point that would be dropped.</summary>
    public bool Alternate { get; init; }

    /// <summary>'+' or ' ' before numbers that are not negative; '\0' for nothing.</summary>
    public char PlusSign { get; init; }

    /// <summary>What fills.</summary>
    public string Fill { get; init; } = " ";

    /// <summary>Between groups of three digits; empty for nothing.</summary>
    public string Group { get; init; } = "";

    /// <summary>Adds a flag of a percent format.</summary>
    public NumberSpec WithFlag(char flag) => flag switch
    {
        '#' => this with { Alternate = true },
        '0' => this with { ZeroPadded = true },
        '-' => this with { LeftAligned = true },
        '+' => this with { PlusSign = '+' },
        _ => this with { PlusSign = PlusSign == '+' ? '+' : ' ' },
    };

    /// <summary>A width, once it is known to be affordable.</summary>
    public static int CheckedWidth(Budget budget, long width)
    {
        budget.SpendText(width);
        return (int)width;
    }

    /// <summary>A precision within its bound.</summary>
    public static int CheckedPrecision(Budget budget, long precision)
    {
        budget.Spend(precision);
        return precision <= NumberText.MaxPrecision ? (int)precision : throw new TemplateException($"a format may ask for at most {NumberText.MaxPrecision} digits");
    }

    /// <summary>Lays out a text.</summary>
    public string Text(string text) => Pad(Precision >= 0 ? CodePoints.First(text, Precision) : text, "");

    /// <summary>Lays out an integer: conversion d, x, X, o or b.</summary>
    public string Integer(BigInteger value, char conversion)
    {
        BigInteger size = BigInteger.Abs(value);
        string digits = conversion switch
        {
            'd' => size.ToString(CultureInfo.InvariantCulture),
            'x' => Hex(size),
            'X' => Hex(size).ToUpperInvariant(),
            'o' => Bits(size, 3),
            _ => Bits(size, 1),
        };
        string prefix = !Alternate || conversion == 'd' ? "" : $"0{conversion}";
        return Pad(Grouped(digits.PadLeft(Math.Max(Precision, 0), '0')), Sign(value.Sign < 0) + prefix);
    }

    /// <summary>Lays out a float: conversion e, E, f, F, g or G.</summary>
    public string Real(double value, char conversion)
    {
        string sign = Sign(double.IsNegative(value) && !double.IsNaN(value));
        if (!double.IsFinite(value))
        {
            string name = double.IsNaN(value) ? "nan" : "inf";
            return Pad(char.IsUpper(conversion) ? name.ToUpperInvariant() : name, sign);
        }

        int precision = Precision < 0 ? 6 : Precision;
        string digits = char.ToLowerInvariant(conversion) switch
        {
            'f' => NumberText.Fixed(Math.Abs(value), precision),
            'e' => NumberText.Exponential(Math.Abs(value), precision),
            _ => NumberText.General(Math.Abs(value), precision, Alternate),
        };
        return Pad(Grouped(char.IsUpper(conversion) ? digits.ToUpperInvariant() : digits), sign);
    }

    /// <summary>Fills up to the width.</summary>
    public string Pad(string body, string sign)
    {
        int missing = Width - CodePoints.Count(body) - sign.Length;
        if (missing <= 0)
        {
            return sign + body;
        }

        return LeftAligned ? sign + body + Filling(missing)
            : Centred ? Filling(missing / 2) + sign + body + Filling(missing - (missing / 2))
            : ZeroPadded ? sign + new string('0', missing) + body
            : Filling(missing) + sign + body;
    }

    /// <summary>What stands before the digits.</summary>
    public string Sign(bool negative) => negative ? "-" : PlusSign == '\0' ? "" : PlusSign.ToString();

    private static string Hex(BigInteger value) => value.ToString("x", CultureInfo.InvariantCulture).TrimStart('0') is { Length: > 0 } digits ? digits : "0";

    private static string Bits(BigInteger value, int bitsPerDigit)
    {
        System.Text.StringBuilder digits = new();
        do
        {
            digits.Insert(0, (char)('0' + (int)(value & ((1 << bitsPerDigit) - 1))));
            value >>= bitsPerDigit;
        }
        while (!value.IsZero);
        return digits.ToString();
    }

    private string Filling(int count) => Fill.Length == 1 ? new string(Fill[0], count) : string.Concat(Enumerable.Repeat(Fill, count));

    private string Grouped(string digits)
    {
        int end = digits.AsSpan().IndexOfAnyExceptInRange('0', '9');
        for (int at = (end < 0 ? digits.Length : end) - 3; at > 0 && Group.Length > 0; at -= 3)
        {
            digits = digits.Insert(at, Group);
        }

        return digits;
    }
}
