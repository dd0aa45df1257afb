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
        "split" => (i, a) => Counted(i.Budget, Splitting.FromLeft(text, a.Text(0, "sep", null), a.Integer(1, "maxsplit", -1))),
        "rsplit" => (i, a) => Counted(i.Budget, Splitting.FromRight(text, a.Text(0, "sep", null), a.Integer(1, "maxsplit", -1))),
        "splitlines" => (i, a) => Counted(i.Budget, Splitting.Lines(text, a.Flag(0, "keepends"))),
        "partition" => (_, a) => Splitting.Partition(text, a.RequiredText(0, "sep"), fromRight: false),
        "rpartition" => (_, a) => Splitting.Partition(text, a.RequiredText(0, "sep"), fromRight: true),
        "startswith" => (_, a) => Affixes(a).Any(TextSearch.Window(text, a).StartsWith),
        "endswith" => (_, a) => Affixes(a).Any(TextSearch.Window(text, a).EndsWith),
        "removeprefix" => (_, a) => a.RequiredText(0, "prefix") is var prefix && text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text,
        "removesuffix" => (_, a) => a.RequiredText(0, "suffix") is var suffix && text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text,
        "replace" => (i, a) => Replace(i.Budget, text, a.RequiredText(0, "old"), a.RequiredText(1, "new"), a.Integer(2, "count", -1)),
        "upper" => (i, _) => PythonCase.Upper(i.Budget, text),
        "lower" => (i, _) => PythonCase.Lower(i.Budget, text),
        "casefold" => (i, _) => PythonCase.Fold(i.Budget, text),
        "title" => (i, _) => PythonCase.Title(i.Budget, text),
        "capitalize" => (i, _) => PythonCase.Capitalize(i.Budget, text),
        "swapcase" => (i, _) => PythonCase.Swap(i.Budget, text),
        "find" => (_, a) => TextSearch.Window(text, a).First(a.RequiredText(0, "sub")),
        "rfind" => (_, a) => TextSearch.Window(text, a).Last(a.RequiredText(0, "sub")),
        "index" => (_, a) => Found(TextSearch.Window(text, a).First(a.RequiredText(0, "sub"))),
        "rindex" => (_, a) => Found(TextSearch.Window(text, a).Last(a.RequiredText(0, "sub"))),
        "count" => (_, a) => TextSearch.Window(text, a).Count(a.RequiredText(0, "sub")),
        "join" => (i, a) => Join(i.Budget, text, Iteration.Over(i.Budget, a.Required(0, "iterable")).Select(OnlyText)),
        "isdecimal" => (_, _) => All(text, static rune => Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber),
        "isdigit" => (_, _) => All(text, static rune => CharUnicodeInfo.GetDigitValue(rune.ToString(), 0) >= 0),
        "isnumeric" => (_, _) => All(text, static rune => Rune.GetNumericValue(rune) != -1),
        "isalpha" => (_, _) => All(text, Rune.IsLetter),
        "isalnum" => (_, _) => All(text, static rune => Rune.IsLetter(rune) || Rune.GetNumericValue(rune) != -1),
        "isspace" => (_, _) => text.Length > 0 && text.All(IsSpace),
        "isascii" => (_, _) => Ascii.IsValid(text),
        "isprintable" => (_, _) => text.EnumerateRunes().All(static rune => rune.Value == ' ' || PythonText.IsPrintable(rune)),
        "isidentifier" => (_, _) => text.Length > 0 && !char.IsAsciiDigit(text[0]) && All(text, static rune => rune.Value == '_' || Rune.IsLetterOrDigit(rune)),
        "isupper" => (_, _) => IsUpper(text),
        "islower" => (_, _) => IsLower(text),
        "istitle" => (i, _) => text.EnumerateRunes().Any(PythonCase.IsCased) && PythonCase.Title(i.Budget, text) == text,
        "ljust" => (i, a) => Pad(i.Budget, text, a, static (missing, _) => 0),
        "rjust" => (i, a) => Pad(i.Budget, text, a, static (missing, _) => missing),
        "center" => (i, a) => Center(i.Budget, text, a),
        "zfill" => (i, a) => ZeroFill(i.Budget, text, a.Required(0, "width")),
        "expandtabs" => (i, a) => ExpandTabs(i.Budget, text, a.Integer(0, "tabsize", 8)),
        "format" => (i, a) => BraceFormat.Apply(i, text, a),
        _ => null,
    };

    /// <summary>str.strip and its halves: white space, or any of the given characters.</summary>
    public static string Strip(string text, Arguments arguments, bool left, bool right)
    {
        string? characters = arguments.Text(0, "chars", null);
        int start = 0;
        int end = text.Length;
        while (left && start < end && Rune.DecodeFromUtf16(text.AsSpan(start, end - start), out Rune rune, out int length) == System.Buffers.OperationStatus.Done && Drops(rune))
        {
            start += length;
        }

        while (right && end > start && Rune.DecodeLastFromUtf16(text.AsSpan(start, end - start), out Rune rune, out int length) == System.Buffers.OperationStatus.Done && Drops(rune))
        {
            end -= length;
        }

        return text[start..end];

        bool Drops(Rune rune) => characters is null ? rune.IsBmp && IsSpace((char)rune.Value) : characters.EnumerateRunes().Contains(rune);
    }

    /// <summary>Python's white space: .NET's and the four information separators.</summary>
    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1C' and <= '\x1F';

    /// <summary>str.isupper: something has a case, and all that has one is upper.</summary>
    public static bool IsUpper(string text) => text.EnumerateRunes().Any(Rune.IsUpper) && !text.EnumerateRunes().Any(static rune => PythonCase.IsCased(rune) && !Rune.IsUpper(rune));

    /// <summary>str.islower.</summary>
    public static bool IsLower(string text) => text.EnumerateRunes().Any(Rune.IsLower) && !text.EnumerateRunes().Any(static rune => PythonCase.IsCased(rune) && !Rune.IsLower(rune));

    /// <summary>Joins texts.</summary>
    public static string Join(Budget budget, string separator, IEnumerable<string> items)
    {
        StringBuilder output = new();
        bool first = true;
        foreach (string item in items)
        {
            budget.SpendText((first ? 0 : separator.Length) + item.Length);
            output.Append(first ? "" : separator).Append(item);
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

        long matches = TextSearch.Whole(text).Count(old);
        matches = count > 0 ? Math.Min(matches, count) : matches;
        budget.SpendText(text.Length + (matches * Math.Max(0, replacement.Length - old.Length)));
        StringBuilder output = new();
        int at = 0;
        for (; matches > 0; matches--)
        {
            int found = old.Length == 0 ? at : text.IndexOf(old, at, StringComparison.Ordinal);
            output.Append(text, at, found - at).Append(replacement);
            at = found + old.Length;
            if (old.Length == 0 && at < text.Length && matches > 1)
            {
                int length = at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]) ? 2 : 1;
                output.Append(text, at, length);
                at += length;
            }
        }

        return output.Append(text, at, text.Length - at).ToString();
    }

    /// <summary>str.center: of an odd gap the larger half goes left when the width is odd.</summary>
    public static string Center(Budget budget, string text, Arguments arguments) =>
        Pad(budget, text, arguments, static (missing, width) => (missing / 2) + (missing & width & 1));

    private static string Pad(Budget budget, string text, Arguments arguments, Func<long, long, long> left)
    {
        arguments.Required(0, "width");
        long width = arguments.Integer(0, "width", 0);
        string fill = arguments.Text(1, "fillchar", " ");
        if (CodePoints.Count(fill) != 1)
        {
            throw new TemplateException("the fill character must be one character");
        }

        long missing = width - CodePoints.Count(text);
        if (missing <= 0)
        {
            return text;
        }

        budget.SpendText(text.Length + (missing > Budget.MaxTextLength ? missing : missing * fill.Length));
        long before = left(missing, width);
        return new StringBuilder().Insert(0, fill, (int)before).Append(text).Append(new StringBuilder().Insert(0, fill, (int)(missing - before))).ToString();
    }

    private static string ZeroFill(Budget budget, string text, object? width)
    {
        int sign = text.StartsWith('-') || text.StartsWith('+') ? 1 : 0;
        long digits = width is long given ? given - sign : throw new TemplateException("zfill() needs an integer");
        return text[..sign] + Pad(budget, text[sign..], new Arguments("zfill", [digits, "0"], []), static (missing, _) => missing);
    }

    private static string ExpandTabs(Budget budget, string text, long size)
    {
        budget.SpendText(text.Length + (text.AsSpan().Count('\t') * Math.Clamp(size, 0, Budget.MaxTextLength)));
        StringBuilder output = new();
        long column = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value == '\t')
            {
                int spaces = size > 0 ? (int)(size - (column % size)) : 0;
                output.Append(' ', spaces);
                column += spaces;
                continue;
            }

            output.Append(rune.ToString());
            column = rune.Value is '\n' or '\r' ? 0 : column + 1;
        }

        return output.ToString();
    }

    private static bool All(string text, Func<Rune, bool> condition) => text.Length > 0 && text.EnumerateRunes().All(condition);

    private static object Found(long index) => index >= 0 ? index : throw new TemplateException("substring not found");

    private static PyList Counted(Budget budget, List<string> parts)
    {
        budget.Spend(parts.Count);
        return new PyList(parts.ConvertAll(static part => (object?)part));
    }

    private static string OnlyText(object? item) => item switch
    {
        string text => text,
        Markup markup => markup.Text,
        _ => throw new TemplateException($"join() needs strings, not a {PythonText.TypeName(item)}"),
    };

    private static IEnumerable<string> Affixes(Arguments arguments) => arguments.Required(0, "prefix") switch
    {
        string option => [option],
        Markup option => [option.Text],
        PyList { IsTuple: true } options => options.Items.Select(item => item as string ?? throw new TemplateException($"{arguments.Function}() needs a tuple of strings")),
        var other => throw new TemplateException($"{arguments.Function}() needs a string or a tuple of them, not a {PythonText.TypeName(other)}"),
    };
}
