using System.Globalization;

namespace Dynamo.Cli.Roles;

/// <summary>Numbers of tokens as vLLM's flags take them: 4096, 4k or 1.5k (thousands), 4K (times 1,024); also with m, M, g and G.</summary>
internal static class TokenCount
{
    private const string Units = "kmg";

    /// <summary>Reads the value of a flag.</summary>
    /// <param name="flag">The flag, for the fault.</param>
    /// <param name="text">Its value.</param>
    /// <param name="faults">Takes what is wrong with it.</param>
    /// <returns>The number, or 1 when it is none.</returns>
    public static int Read(string flag, string text, List<string> faults)
    {
        int unit = text.Length > 0 ? Units.IndexOf(char.ToLowerInvariant(text[^1])) + 1 : 0;
        bool isThousand = unit > 0 && char.IsLower(text[^1]);
        double scale = Math.Pow(isThousand ? 1000 : 1024, unit);
        NumberStyles style = isThousand ? NumberStyles.AllowDecimalPoint : NumberStyles.AllowLeadingSign;
        if (double.TryParse(unit > 0 ? text[..^1] : text, style, CultureInfo.InvariantCulture, out double value) && Math.Abs(value * scale) <= int.MaxValue)
        {
            return (int)(value * scale);
        }

        faults.Add($"{flag} must be an integer of at most {int.MaxValue}, or a number with k (thousands) or K (times 1,024), is '{text}'.");
        return 1;
    }

    /// <summary>The same, but for <c>auto</c> and <c>-1</c>, which leave it open as if nothing was given.</summary>
    public static int? ReadOrAuto(string flag, string? text, List<string> faults) => text is null or "auto" or "-1" ? null : Read(flag, text, faults);
}
