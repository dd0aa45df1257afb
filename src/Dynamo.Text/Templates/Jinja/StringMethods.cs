using System.Globalization;
using System.Text;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>Methods of strings.</summary>
internal static class StringMethods
{
    /// <summary>A method, or <see langword="null"/>.</summary>
    public static Function? Find(string text, string name) => name switch
    {
        "strip" => (_, a) => Strip(text, a, left: true, right: true),
        "lstrip" => (_, a) => Strip(text, a, left: true, right: false),
        "rstrip" => (_, a) => Strip(text, a, left: false, right: true),
        "split" => (i, a) => Counted(i, Split(text, a.Text(0, "sep", null), a.Integer(1, "maxsplit", -1))),
        "rsplit" => (i, a) => Counted(i, SplitFromRight(text, a.Text(0, "sep", null), a.Integer(1, "maxsplit", -1))),
        "splitlines" => (i, a) => Counted(i, Lines(text, Evaluator.IsTrue(a.Get(0, "keepends", false)))),
        "partition" => (_, a) => Partition(text, Needed(a, "sep"), text.IndexOf(Needed(a, "sep"), StringComparison.Ordinal), fromRight: false),
        "rpartition" => (_, a) => Partition(text, Needed(a, "sep"), text.LastIndexOf(Needed(a, "sep"), StringComparison.Ordinal), fromRight: true),
        "startswith" => (_, a) => Options(a).Any(option => text.StartsWith(option, StringComparison.Ordinal)),
        "endswith" => (_, a) => Options(a).Any(option => text.EndsWith(option, StringComparison.Ordinal)),
        "removeprefix" => (_, a) => text.StartsWith(Needed(a, "prefix"), StringComparison.Ordinal) ? text[Needed(a, "prefix").Length..] : text,
        "removesuffix" => (_, a) => text.EndsWith(Needed(a, "suffix"), StringComparison.Ordinal) ? text[..^Needed(a, "suffix").Length] : text,
        "replace" => (i, a) => Replace(i.Budget, text, Needed(a, "old"), (string)a.Required(1, "new")!, a.Integer(2, "count", -1)),
        "upper" => (_, _) => text.ToUpperInvariant(),
        "lower" or "casefold" => (_, _) => text.ToLowerInvariant(),
        "title" => (_, _) => Title(text),
        "capitalize" => (_, _) => Capitalize(text),
        "swapcase" => (_, _) => string.Concat(text.Select(static c => char.IsUpper(c) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c))),
        "find" => (_, a) => (long)text.IndexOf(Needed(a, "sub"), StringComparison.Ordinal),
        "rfind" => (_, a) => (long)text.LastIndexOf(Needed(a, "sub"), StringComparison.Ordinal),
        "index" => (_, a) => text.IndexOf(Needed(a, "sub"), StringComparison.Ordinal) is >= 0 and int at ? (long)at : throw new TemplateException("substring not found"),
        "count" => (_, a) => Count(text, Needed(a, "sub")),
        "join" => (i, a) => Join(i.Budget, text, Evaluator.Iterate(a.Required(0, "iterable"))),
        "isdigit" or "isdecimal" or "isnumeric" => (_, _) => text.Length > 0 && text.All(char.IsDigit),
        "isalpha" => (_, _) => text.Length > 0 && text.All(char.IsLetter),
        "isalnum" => (_, _) => text.Length > 0 && text.All(char.IsLetterOrDigit),
        "isspace" => (_, _) => text.Length > 0 && text.All(char.IsWhiteSpace),
        "isupper" => (_, _) => text.Any(char.IsUpper) && !text.Any(char.IsLower),
        "islower" => (_, _) => text.Any(char.IsLower) && !text.Any(char.IsUpper),
        "istitle" => (_, _) => text.Any(char.IsLetter) && Title(text) == text,
        "ljust" => (i, a) => Pad(i.Budget, text, a, static (t, width, fill) => t.PadRight(width, fill)),
        "rjust" => (i, a) => Pad(i.Budget, text, a, static (t, width, fill) => t.PadLeft(width, fill)),
        "center" => (i, a) => Pad(i.Budget, text, a, static (t, width, fill) => t.PadLeft(t.Length + ((width - t.Length) / 2), fill).PadRight(width, fill)),
        "zfill" => (i, a) => Pad(i.Budget, text, new Arguments(a.Function, [a.Required(0, "width"), "0"], []), static (t, width, fill) =>
            t.StartsWith('-') || t.StartsWith('+') ? t[0] + t[1..].PadLeft(width - 1, fill) : t.PadLeft(width, fill)),
        "format" => (_, a) => Format(text, a),
        _ => null,
    };

    /// <summary>str.strip and its halves: white space, or any of the given characters.</summary>
    public static string Strip(string text, Arguments arguments, bool left, bool right)
    {
        string? characters = arguments.Text(0, "chars", null);
        int start = 0;
        int end = text.Length;
        while (left && start < end && Drops(text[start]))
        {
            start++;
        }

        while (right && end > start && Drops(text[end - 1]))
        {
            end--;
        }

        return text[start..end];

        bool Drops(char c) => characters?.Contains(c) ?? IsSpace(c);
    }

    /// <summary>Python's white space: .NET's and the four information separators.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1C' and <= '\x1F';

    /// <summary>str.capitalize.</summary>
    public static string Capitalize(string text) => text.Length == 0 ? "" : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();

    /// <summary>str.title: upper case behind anything that is no letter.</summary>
    public static string Title(string text)
    {
        char[] result = text.ToCharArray();
        bool inWord = false;
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = inWord ? char.ToLowerInvariant(result[i]) : char.ToUpperInvariant(result[i]);
            inWord = char.IsLetter(result[i]);
        }

        return new string(result);
    }

    /// <summary>str.join over any values, as strings.</summary>
    public static string Join(Budget budget, string separator, IEnumerable<object?> items)
    {
        StringBuilder output = new();
        bool first = true;
        foreach (object? item in items)
        {
            output.Append(first ? "" : separator).Append(PythonText.Str(item));
            first = false;
            if (output.Length > Budget.MaxTextLength)
            {
                break;
            }
        }

        budget.SpendText(output.Length);
        return output.ToString();
    }

    /// <summary>str.replace; a negative count is no limit.</summary>
    public static string Replace(Budget budget, string text, string old, string replacement, long count)
    {
        if (count == 0)
        {
            return text;
        }

        long matches = old.Length == 0 ? text.Length + 1L : Count(text, old);
        matches = count > 0 ? Math.Min(matches, count) : matches;
        budget.SpendText(text.Length + (matches * Math.Max(0, replacement.Length - old.Length)));
        StringBuilder output = new();
        int at = 0;
        for (; matches > 0; matches--)
        {
            int found = old.Length == 0 ? at : text.IndexOf(old, at, StringComparison.Ordinal);
            output.Append(text, at, found - at).Append(replacement);
            at = found + old.Length;
            if (old.Length == 0 && at < text.Length)
            {
                output.Append(text[at++]);
            }
        }

        return output.Append(text, at, text.Length - at).ToString();
    }

    private static long Count(string text, string part)
    {
        if (part.Length == 0)
        {
            return text.Length + 1L;
        }

        long count = 0;
        for (int at = text.IndexOf(part, StringComparison.Ordinal); at >= 0; at = text.IndexOf(part, at + part.Length, StringComparison.Ordinal))
        {
            count++;
        }

        return count;
    }

    private static List<string> Split(string text, string? separator, long most)
    {
        List<string> parts = [];
        int at = 0;
        if (separator is null)
        {
            while (true)
            {
                while (at < text.Length && IsSpace(text[at]))
                {
                    at++;
                }

                if (at == text.Length)
                {
                    return parts;
                }

                if (most >= 0 && parts.Count == most)
                {
                    parts.Add(text[at..].TrimEnd());
                    return parts;
                }

                int start = at;
                while (at < text.Length && !IsSpace(text[at]))
                {
                    at++;
                }

                parts.Add(text[start..at]);
            }
        }

        CheckSeparator(separator);
        for (int found; (most < 0 || parts.Count < most) && (found = text.IndexOf(separator, at, StringComparison.Ordinal)) >= 0; at = found + separator.Length)
        {
            parts.Add(text[at..found]);
        }

        parts.Add(text[at..]);
        return parts;
    }

    private static List<string> SplitFromRight(string text, string? separator, long most)
    {
        if (separator is null)
        {
            // Reversed words from the reversed text are the words from the right.
            List<string> reversed = Split(Reversed(text), null, most);
            reversed.Reverse();
            return reversed.ConvertAll(Reversed);
        }

        CheckSeparator(separator);
        List<string> parts = [];
        int end = text.Length;
        for (int found; (most < 0 || parts.Count < most) && end > 0 && (found = text.LastIndexOf(separator, end - 1, StringComparison.Ordinal)) >= 0; end = found)
        {
            parts.Add(text[(found + separator.Length)..end]);
        }

        parts.Add(text[..end]);
        parts.Reverse();
        return parts;
    }

    private static void CheckSeparator(string separator)
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

    private static List<string> Lines(string text, bool keepEnds)
    {
        List<string> lines = [];
        for (int at = 0; at < text.Length;)
        {
            int end = text.AsSpan(at).IndexOfAny("\n\r\v\f\x1C\x1D\x1E\x85\u2028\u2029");
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

    private static PyList Partition(string text, string separator, int at, bool fromRight)
    {
        object?[] parts = at >= 0 ? [text[..at], separator, text[(at + separator.Length)..]] : fromRight ? ["", "", text] : [text, "", ""];
        return new PyList(parts, isTuple: true);
    }

    private static PyList Counted(Interpreter interpreter, List<string> parts)
    {
        interpreter.Budget.Spend(parts.Count);
        return new PyList(parts.ConvertAll(static part => (object?)part));
    }

    private static string Pad(Budget budget, string text, Arguments arguments, Func<string, int, char, string> pad)
    {
        long width = arguments.Integer(0, "width", 0);
        string fill = arguments.Text(1, "fillchar", " ");
        budget.SpendText(Math.Max(width, text.Length));
        return width <= text.Length ? text : fill.Length == 1 ? pad(text, (int)width, fill[0]) : throw new TemplateException("the fill character must be one character");
    }

    // '{}', '{0}', '{name}' and doubled braces; format specifications are not in use in templates.
    private static string Format(string text, Arguments arguments)
    {
        StringBuilder output = new();
        int automatic = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (c is not ('{' or '}'))
            {
                output.Append(c);
            }
            else if (i + 1 < text.Length && text[i + 1] == c)
            {
                output.Append(c);
                i++;
            }
            else
            {
                int close = c == '{' ? text.IndexOf('}', i) : -1;
                string field = close > 0 ? text[(i + 1)..close] : throw new TemplateException("a single brace in a format");
                int index = field.Length == 0 ? automatic++ : int.TryParse(field, CultureInfo.InvariantCulture, out int given) ? given : int.MaxValue;
                output.Append(PythonText.Str(arguments.Required(index, field)));
                i = close;
            }
        }

        return output.ToString();
    }

    private static IEnumerable<string> Options(Arguments arguments) => arguments.Required(0, "prefix") switch
    {
        string option => [option],
        PyList { IsTuple: true } options => options.Items.OfType<string>(),
        object other => throw new TemplateException($"{arguments.Function}() needs a string or a tuple of them, not a {PythonText.TypeName(other)}"),
        null => throw new TemplateException($"{arguments.Function}() needs a string or a tuple of them, not None"),
    };

    private static string Needed(Arguments arguments, string name) =>
        arguments.Required(0, name) as string ?? throw new TemplateException($"{arguments.Function}() needs a string");
}
