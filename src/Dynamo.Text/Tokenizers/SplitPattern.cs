using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Dynamo.Text.Tokenizers;

/// <summary>
/// A regular expression of a tokenizer, matched by code points. .NET matches UTF-16 units, so characters beyond the basic plane would never
/// be letters or digits: each is matched as one character of the basic plane with the same general category.
/// </summary>
internal sealed class SplitPattern
{
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(2);
    private static readonly char[] StandIns = BuildStandIns();

    private readonly Regex _regex;
    private readonly string _field;
    private readonly string _source;

    /// <summary>Translates and compiles.</summary>
    /// <param name="source">The pattern as in tokenizer.json.</param>
    /// <param name="field">Its place there, for messages.</param>
    public SplitPattern(string source, string field)
    {
        _field = field;
        _source = source;
        try
        {
            _regex = new Regex(OnigurumaPattern.Translate(source), RegexOptions.CultureInvariant | RegexOptions.Compiled, MatchTimeout);
        }
        catch (Exception e) when (e is NotSupportedException or ArgumentException)
        {
            throw TokenizerFile.Fault(field, $"the pattern {source} is not supported: {e.Message}", e);
        }
    }

    /// <summary>A literal string.</summary>
    public static SplitPattern Literal(string text, string field) => new(Regex.Escape(text), field);

    /// <summary>Finds all matches, left to right, as [start, end) of the text; empty matches are left out.</summary>
    public void Matches(ReadOnlySpan<char> text, List<(int Start, int End)> matches)
    {
        try
        {
            if (text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
            {
                foreach (ValueMatch match in _regex.EnumerateMatches(text))
                {
                    Add(matches, match.Index, match.Index + match.Length);
                }

                return;
            }

            char[] flat = Flatten(text, out int[] offsets, out int length);
            foreach (ValueMatch match in _regex.EnumerateMatches(flat.AsSpan(0, length)))
            {
                Add(matches, offsets[match.Index], offsets[match.Index + match.Length]);
            }
        }
        catch (RegexMatchTimeoutException e)
        {
            throw TokenizerFile.Fault(_field, $"the pattern {_source} takes more than {MatchTimeout.TotalSeconds:0} s on one text", e);
        }
    }

    private static void Add(List<(int Start, int End)> matches, int start, int end)
    {
        if (end > start)
        {
            matches.Add((start, end));
        }
    }

    // offsets[i] is where flat character i starts in the text; one more entry marks the end.
    private static char[] Flatten(ReadOnlySpan<char> text, out int[] offsets, out int length)
    {
        char[] flat = new char[text.Length];
        offsets = new int[text.Length + 1];
        length = 0;
        for (int i = 0; i < text.Length; length++)
        {
            offsets[length] = i;
            Rune.DecodeFromUtf16(text[i..], out Rune rune, out int consumed);
            flat[length] = rune.IsBmp ? (char)rune.Value : StandIns[(int)Rune.GetUnicodeCategory(rune)];
            i += consumed;
        }

        offsets[length] = text.Length;
        return flat;
    }

    // For each category the last character of the basic plane that has it: late blocks hold minority scripts, which no published pattern
    // names one by one. Surrogates and unassigned characters stand for themselves.
    private static char[] BuildStandIns()
    {
        char[] standIns = new char[(int)UnicodeCategory.OtherNotAssigned + 1];
        for (int c = 0; c < 0xF900; c++)
        {
            if (c is < 0xAC00 or > 0xDFFF)
            {
                standIns[(int)CharUnicodeInfo.GetUnicodeCategory((char)c)] = (char)c;
            }
        }

        return standIns;
    }
}
