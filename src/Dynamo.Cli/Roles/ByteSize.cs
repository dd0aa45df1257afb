using System.Globalization;
using Dynamo.Cli.Input;

namespace Dynamo.Cli.Roles;

/// <summary>Sizes as people write them: bytes, or a number with K, M, G or T (powers of 1024).</summary>
internal static class ByteSize
{
    private const string Units = "KMGT";

    /// <summary>Parses a size.</summary>
    /// <exception cref="CommandFault">It is no size; names the flag.</exception>
    public static long Parse(string flag, string text)
    {
        string number = text.Trim().TrimEnd('B', 'b').TrimEnd('i');
        int unit = number.Length > 0 ? Units.IndexOf(char.ToUpperInvariant(number[^1])) : -1;
        if (unit >= 0)
        {
            number = number[..^1];
        }

        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) && value * Math.Pow(1024, unit + 1) <= 1L << 50
            ? (long)(value * Math.Pow(1024, unit + 1))
            : throw new CommandFault($"{flag} must be bytes or a number with K, M, G or T, for example 4G, is '{text}'.");
    }
}
