namespace Dynamo.Text.Templates.Jinja;

/// <summary>Python counts strings in code points, .NET in UTF-16 units: converts places and lengths.</summary>
internal static class CodePoints
{
    /// <summary>Number of code points.</summary>
    public static int Count(ReadOnlySpan<char> text)
    {
        int count = text.Length;
        for (int at = text.IndexOfAnyInRange('\uD800', '\uDFFF'); at >= 0 && at + 1 < text.Length; at++)
        {
            if (char.IsSurrogatePair(text[at], text[at + 1]))
            {
                count--;
                at++;
            }
        }

        return count;
    }

    /// <summary>UTF-16 place of a code point; the text's length when it has no more than <paramref name="index"/>.</summary>
    public static int Offset(ReadOnlySpan<char> text, long index)
    {
        int at = 0;
        int plain = text.IndexOfAnyInRange('\uD800', '\uDFFF');
        if (plain < 0 || index <= plain)
        {
            return (int)Math.Min(index, text.Length);
        }

        for (long i = 0; i < index && at < text.Length; i++)
        {
            at += at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
        }

        return at;
    }

    /// <summary>The first code points of a text.</summary>
    public static string First(string text, long count) => text[..Offset(text, Math.Max(0, count))];

    /// <summary>The code points, each a string.</summary>
    public static string[] Split(string text)
    {
        string[] parts = new string[Count(text)];
        int at = 0;
        for (int i = 0; i < parts.Length; i++)
        {
            int length = at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
            parts[i] = text.Substring(at, length);
            at += length;
        }

        return parts;
    }
}
