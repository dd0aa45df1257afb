using System.Globalization;
using System.Text;

namespace Dynamo.Text.Tokenizers;

/// <summary>
/// Unicode normalization with the reference library's tables, which are Unicode 9's: characters that came later neither move nor compose.
/// (For characters that Unicode 9 has, no later version may normalize differently, so the library of the host does the rest.)
/// </summary>
internal static class UnicodeNormalization
{
    // Marks, and characters with a decomposition, that came after Unicode 9; hexadecimal.
    private const string LaterCharacters =
        "7FD 897-89F 8CA-8D3 9FE C3C D3B-D3C EBA 1715 1ABF-1ADD 1AE0-1AEB 1DF6-1DFA 32FF A7F1-A7F4 A82C AB69 105C9 105E4 "
        + "10781-10785 10787-107B0 107B2-107BA 10D24-10D27 10D69-10D6D 10EAB-10EAC 10EFA-10EFF 10F46-10F50 10F82-10F85 11070 "
        + "1133B 11382-11391 113B8 113BB 113C2 113C5 113C7-113CA 113CE-113D0 113E1-113E2 1145E 11839-1183A 11930 11938 "
        + "1193D-1193E 11943 119E0 11A34 11A47 11A99 11D42 11D44-11D45 11D97 11F41-11F42 1611E-16128 1612F 16D63-16D6A "
        + "16FF0-16FF1 1CCD6-1CCF9 1E030-1E06D 1E08F 1E130-1E136 1E2AE 1E2EC-1E2EF 1E4EC-1E4EF 1E5EE-1E5EF 1E6E3-1E6F5 1F16C "
        + "1FBF0-1FBF9";

    private static readonly (int First, int Last)[] Later = Array.ConvertAll(LaterCharacters.Split(' '), static range =>
    {
        string[] ends = range.Split('-');
        return (int.Parse(ends[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), int.Parse(ends[^1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    });

    /// <summary>Normalizes a text that has no half surrogate pairs.</summary>
    public static string Normalize(string text, NormalizationForm form)
    {
        if (Ascii.IsValid(text))
        {
            return text;
        }

        StringBuilder output = new(text.Length);
        int done = 0;
        int at = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            int end = at + rune.Utf16SequenceLength;

            // .NET refuses U+FFFE, which joins with nothing either.
            if (rune.Value >= Later[0].First && (rune.Value == 0xFFFE || IsLater(rune.Value)))
            {
                output.Append(text[done..at].Normalize(form)).Append(text, at, end - at);
                done = end;
            }

            at = end;
        }

        return done == 0 ? text.Normalize(form) : output.Append(text[done..].Normalize(form)).ToString();
    }

    private static bool IsLater(int c)
    {
        int low = 0;
        int high = Later.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            if (c < Later[middle].First)
            {
                high = middle - 1;
            }
            else if (c > Later[middle].Last)
            {
                low = middle + 1;
            }
            else
            {
                return true;
            }
        }

        return false;
    }
}
