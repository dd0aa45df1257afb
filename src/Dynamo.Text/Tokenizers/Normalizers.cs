using System.Text;

namespace Dynamo.Text.Tokenizers;

/// <summary>Rewrites text before it is split. Thread-safe.</summary>
internal delegate string Normalizer(string text);

/// <summary>The normalizers of tokenizer.json.</summary>
internal static class Normalizers
{
    /// <summary>Leaves text as it is.</summary>
    public static string None(string text) => text;

    // Longest text that one may make; a pattern of one letter and a long replacement would grow without end.
    private const int MaxLength = 64 << 20;

    /// <summary>A Unicode normalization form.</summary>
    public static Normalizer Form(NormalizationForm form) => text => UnicodeNormalization.Normalize(text, form);

    /// <summary>Puts a string before a text that is not empty.</summary>
    public static Normalizer Prepend(string prefix) => text => text.Length == 0 ? text : prefix + text;

    /// <summary>Replaces what a pattern matches.</summary>
    public static Normalizer Replace(SplitPattern pattern, string content) => text =>
    {
        List<(int Start, int End)> matches = [];
        pattern.Matches(text, matches);
        if (matches.Count == 0)
        {
            return text;
        }

        long length = text.Length + ((long)matches.Count * content.Length) - matches.Sum(static match => (long)match.End - match.Start);
        if (length > MaxLength)
        {
            throw TokenizerFile.Fault("normalizer", $"makes a text of {length:N0} characters; at most {MaxLength:N0} are allowed");
        }

        StringBuilder result = new((int)length);
        int done = 0;
        foreach ((int start, int end) in matches)
        {
            result.Append(text, done, start - done).Append(content);
            done = end;
        }

        return result.Append(text, done, text.Length - done).ToString();
    };

    /// <summary>Lower case, without a culture.</summary>
    public static string Lowercase(string text) => text.Replace("\u0130", "i\u0307", StringComparison.Ordinal).ToLowerInvariant();

    /// <summary>Removes white space at the ends.</summary>
    public static Normalizer Strip(bool left, bool right) => text =>
    {
        string result = left ? text.TrimStart() : text;
        return right ? result.TrimEnd() : result;
    };

    /// <summary>One after the other.</summary>
    public static Normalizer Sequence(IReadOnlyList<Normalizer> steps) => text =>
    {
        foreach (Normalizer step in steps)
        {
            text = step(text);
        }

        return text;
    };
}
