using System.Globalization;
using System.Text;

namespace Dynamo.Text.Tokenizers;

/// <summary>Finds added tokens in a text: leftmost first, the longest of those that start there, without overlap.</summary>
internal sealed class AddedTokenSplitter
{
    private readonly AddedToken[] _tokens;
    private readonly TokenTrie _trie = new();
    private readonly System.Buffers.SearchValues<char> _firstChars;

    /// <summary>Prepares the search.</summary>
    /// <param name="tokens">Tokens with the text to look for, which for normalized ones is the normalized content.</param>
    public AddedTokenSplitter(IEnumerable<(string Text, AddedToken Token)> tokens)
    {
        (string Text, AddedToken Token)[] entries = [.. tokens.Where(static entry => entry.Text.Length > 0)];
        _tokens = Array.ConvertAll(entries, static entry => entry.Token);
        for (int i = 0; i < entries.Length; i++)
        {
            _trie.Add(entries[i].Text, i);
        }

        _firstChars = System.Buffers.SearchValues.Create([.. entries.Select(static entry => entry.Text[0]).Distinct()]);
    }

    /// <summary>Splits a text into runs without added tokens and added tokens, in order; empty runs are left out.</summary>
    public void Split(string text, List<TextPart> parts)
    {
        int done = 0;
        int spaceEnd = 0;
        for (int at = 0; at < text.Length;)
        {
            int skip = text.AsSpan(at).IndexOfAny(_firstChars);
            if (skip < 0)
            {
                break;
            }

            at += skip;
            int index = _trie.Longest(text.AsSpan(at), out int length);
            if (index < 0)
            {
                at++;
                continue;
            }

            AddedToken token = _tokens[index];
            int start = at;
            int end = at + length;
            at = end;
            if (token.SingleWord && (EndsWithWord(text.AsSpan(0, start)) || StartsWithWord(text.AsSpan(end))))
            {
                continue;
            }

            if (token.LeftStrip && start > done)
            {
                start = done + text.AsSpan(done, start - done).TrimEnd().Length;
            }

            if (token.RightStrip)
            {
                // The search goes on behind the token itself, so the same spaces may be met again.
                spaceEnd = end < spaceEnd ? spaceEnd : text.Length - text.AsSpan(end).TrimStart().Length;
                end = spaceEnd;
            }

            if (start > done)
            {
                parts.Add(new TextPart(text[done..start], null));
            }

            parts.Add(new TextPart("", token.Id));
            done = end;
        }

        if (done < text.Length)
        {
            parts.Add(new TextPart(done == 0 ? text : text[done..], null));
        }
    }

    private static bool StartsWithWord(ReadOnlySpan<char> text) => Rune.DecodeFromUtf16(text, out Rune rune, out _) == System.Buffers.OperationStatus.Done && IsWord(rune);

    private static bool EndsWithWord(ReadOnlySpan<char> text) => Rune.DecodeLastFromUtf16(text, out Rune rune, out _) == System.Buffers.OperationStatus.Done && IsWord(rune);

    // Unicode's \w (UTS 18, annex C): alphabetic, marks, decimal digits, connectors, joiners.
    private static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter
            or UnicodeCategory.OtherLetter or UnicodeCategory.LetterNumber or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.EnclosingMark or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation => true,
        _ => rune.Value is 0x200C or 0x200D or (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189),
    };
}

/// <summary>A run of text, or an added token.</summary>
/// <param name="Text">The run, when <paramref name="TokenId"/> is <see langword="null"/>.</param>
/// <param name="TokenId">The added token.</param>
internal readonly record struct TextPart(string Text, int? TokenId);
