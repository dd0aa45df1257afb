using System.Diagnostics;
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
    private const int MaxSourceLength = 10_000;

    // For one text: this much, and more for long ones. Published patterns take some 30 ns a character.
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PerCharacter = TimeSpan.FromMicroseconds(1);
    private static readonly char[] StandIns = BuildStandIns();

    private readonly Regex? _regex;
    private readonly string _field;
    private readonly string _source;

    /// <summary>Translates and compiles.</summary>
    /// <param name="source">The pattern as in tokenizer.json.</param>
    /// <param name="field">Its place there, for messages.</param>
    /// <exception cref="Dynamo.Protocol.Models.ModelFolderException">It is too long, not a pattern, or uses something that has no equal here.</exception>
    public SplitPattern(string source, string field)
    {
        _field = field;
        _source = source;
        if (source.Length > MaxSourceLength)
        {
            throw TokenizerFile.Fault(field, $"the pattern has {source.Length:N0} characters; at most {MaxSourceLength:N0} are supported");
        }

        try
        {
            _regex = new Regex(OnigurumaPattern.Translate(source), RegexOptions.CultureInvariant | RegexOptions.Compiled, MatchTimeout);
        }
        catch (Exception e) when (e is NotSupportedException or ArgumentException)
        {
            throw TokenizerFile.Fault(field, $"the pattern {Shortened(source)} is not supported: {e.Message}", e);
        }
    }

    private SplitPattern(string literal)
    {
        (_source, _field) = (literal, "");
    }

    /// <summary>A literal string; an empty one is found before every character and at the end.</summary>
    public static SplitPattern Literal(string text, string field) => text.Length == 0 ? new SplitPattern("", field) : new SplitPattern(text);

    /// <summary>
    /// Finds all matches, left to right, as [start, end) of the text. A match may be empty, but not where the one before it ends.
    /// </summary>
    /// <exception cref="Dynamo.Protocol.Models.ModelFolderException">It takes too long on this text.</exception>
    public void Matches(ReadOnlySpan<char> text, List<(int Start, int End)> matches)
    {
        if (_regex is null)
        {
            for (int at = 0, found; (found = text[at..].IndexOf(_source, StringComparison.Ordinal)) >= 0; at += found + _source.Length)
            {
                matches.Add((at + found, at + found + _source.Length));
            }

            return;
        }

        if (text.IndexOfAnyInRange('\uD800', '\uDFFF') < 0)
        {
            Matches(_regex, text, default, matches);
            return;
        }

        char[] flat = Flatten(text, out int[] offsets, out int length);
        Matches(_regex, flat.AsSpan(0, length), offsets, matches);
    }

    // The regular expression's own limit holds for one match; a text may have many.
    private void Matches(Regex regex, ReadOnlySpan<char> text, ReadOnlySpan<int> offsets, List<(int Start, int End)> matches)
    {
        long started = Stopwatch.GetTimestamp();
        TimeSpan most = MatchTimeout + (PerCharacter * text.Length);
        int last = -1;
        try
        {
            foreach (ValueMatch match in regex.EnumerateMatches(text))
            {
                int end = match.Index + match.Length;
                if (match.Length > 0 || match.Index != last)
                {
                    matches.Add(offsets.IsEmpty ? (match.Index, end) : (offsets[match.Index], offsets[end]));
                    last = end;
                }

                if ((matches.Count & 15) == 0 && Stopwatch.GetElapsedTime(started) > most)
                {
                    throw new RegexMatchTimeoutException();
                }
            }
        }
        catch (RegexMatchTimeoutException e)
        {
            throw TokenizerFile.Fault(_field, $"the pattern {Shortened(_source)} takes too long on a text of {text.Length:N0} characters", e);
        }
    }

    private static string Shortened(string source) => source.Length <= 200 ? source : string.Concat(source.AsSpan(0, 200), "…");

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
            flat[length] = rune.IsBmp ? (char)rune.Value : IsSquaredLetter(rune.Value) ? '\u24B6' : StandIns[(int)Rune.GetUnicodeCategory(rune)];
            i += consumed;
        }

        offsets[length] = text.Length;
        return flat;
    }

    // Symbols that count as letters, as the circled ones of the basic plane do.
    private static bool IsSquaredLetter(int c) => c is (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189);

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
