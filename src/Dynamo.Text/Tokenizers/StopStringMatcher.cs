using System.Text;

namespace Dynamo.Text.Tokenizers;

/// <summary>
/// Looks for stop strings in a stream of text pieces. Holds back only what may still become one: the longest end of the text that begins a
/// stop string. One stream, one thread at a time.
/// </summary>
/// <param name="stops">Stop strings, none empty.</param>
/// <param name="includeStop">Whether the text that is given out ends with the stop string.</param>
public sealed class StopStringMatcher(IReadOnlyList<string> stops, bool includeStop)
{
    private readonly StringBuilder _held = new();

    /// <summary>The stop string that ended the text, or <see langword="null"/>.</summary>
    public string? Matched { get; private set; }

    /// <summary>Adds a piece.</summary>
    /// <param name="piece">More text.</param>
    /// <param name="mayStop">Whether a stop string may end the text yet; when not, its text passes through.</param>
    /// <returns>Text that is certain. After a match, the text before (or with) the stop string; then nothing more.</returns>
    public string Append(string piece, bool mayStop = true)
    {
        if (Matched is not null)
        {
            return "";
        }

        if (stops.Count == 0 || (!mayStop && _held.Length == 0))
        {
            return piece;
        }

        string text = _held.Append(piece).ToString();
        _held.Clear();
        if (!mayStop)
        {
            return text;
        }

        int first = -1;
        foreach (string stop in stops)
        {
            int at = text.IndexOf(stop, StringComparison.Ordinal);

            // The earliest match wins; of two that start together, the first to be complete.
            if (at >= 0 && (first < 0 || at + stop.Length < first + Matched!.Length || (at + stop.Length == first + Matched.Length && at < first)))
            {
                first = at;
                Matched = stop;
            }
        }

        if (Matched is not null)
        {
            return text[..(includeStop ? first + Matched.Length : first)];
        }

        int keep = LongestPossibleStart(text);
        _held.Append(text, text.Length - keep, keep);
        return text[..^keep];
    }

    /// <summary>Ends the text.</summary>
    /// <returns>What was held back.</returns>
    public string Flush()
    {
        string text = Matched is null ? _held.ToString() : "";
        _held.Clear();
        return text;
    }

    private int LongestPossibleStart(string text)
    {
        int longest = 0;
        foreach (string stop in stops)
        {
            for (int length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
            {
                if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
                {
                    longest = length;
                    break;
                }
            }
        }

        return longest;
    }
}
