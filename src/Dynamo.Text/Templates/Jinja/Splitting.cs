using System.Buffers;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>The methods of strings that cut them up.</summary>
internal static class Splitting
{
    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\n\r\v\f\x1C\x1D\x1E\x85\u2028\u2029");

    /// <summary>str.split; a negative maximum is none.</summary>
    public static List<string> FromLeft(string text, string? separator, long most)
    {
        List<string> parts = [];
        int at = 0;
        if (separator is not null)
        {
            Check(separator);
            for (int found; (most < 0 || parts.Count < most) && (found = text.IndexOf(separator, at, StringComparison.Ordinal)) >= 0; at = found + separator.Length)
            {
                parts.Add(text[at..found]);
            }

            parts.Add(text[at..]);
            return parts;
        }

        while (true)
        {
            while (at < text.Length && StringMethods.IsSpace(text[at]))
            {
                at++;
            }

            if (at == text.Length)
            {
                return parts;
            }

            int start = at;
            if (most >= 0 && parts.Count == most)
            {
                parts.Add(text[start..]);
                return parts;
            }

            while (at < text.Length && !StringMethods.IsSpace(text[at]))
            {
                at++;
            }

            parts.Add(text[start..at]);
        }
    }

    /// <summary>str.rsplit.</summary>
    public static List<string> FromRight(string text, string? separator, long most)
    {
        if (separator is null)
        {
            // Reversed words of the reversed text are the words from the right.
            List<string> reversed = FromLeft(Reversed(text), null, most);
            reversed.Reverse();
            return reversed.ConvertAll(Reversed);
        }

        Check(separator);
        List<string> parts = [];
        int end = text.Length;
        for (int found; (most < 0 || parts.Count < most) && (found = text.AsSpan(0, end).LastIndexOf(separator, StringComparison.Ordinal)) >= 0; end = found)
        {
            parts.Add(text[(found + separator.Length)..end]);
        }

        parts.Add(text[..end]);
        parts.Reverse();
        return parts;
    }

    /// <summary>str.splitlines.</summary>
    public static List<string> Lines(string text, bool keepEnds)
    {
        List<string> lines = [];
        for (int at = 0; at < text.Length;)
        {
            int end = text.AsSpan(at).IndexOfAny(LineEnds);
            if (end < 0)
            {
                lines.Add(text[at..]);
                break;
            }

            end += at;
            int next = end + (text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? 2 : 1);
            lines.Add(text[at..(keepEnds ? next : end)]);
            at = next;
        }

        return lines;
    }

    /// <summary>str.partition and str.rpartition.</summary>
    public static PyList Partition(string text, string separator, bool fromRight)
    {
        Check(separator);
        int at = fromRight ? text.LastIndexOf(separator, StringComparison.Ordinal) : text.IndexOf(separator, StringComparison.Ordinal);
        return at >= 0 ? PyList.Tuple(text[..at], separator, text[(at + separator.Length)..]) : fromRight ? PyList.Tuple("", "", text) : PyList.Tuple(text, "", "");
    }

    private static void Check(string separator)
    {
        if (separator.Length == 0)
        {
            throw new TemplateException("an empty separator");
        }
    }

    private static string Reversed(string text)
    {
        char[] characters = text.ToCharArray();
        Array.Reverse(characters);
        return new string(characters);
    }
}
