using System.Text;

namespace Dynamo.Text.Tokenizers;

/// <summary>
/// Translates the regular expressions of tokenizer.json, written for Oniguruma, to .NET's. Most of it is the same; possessive quantifiers
/// become atomic groups, and what has no equal here is refused rather than guessed.
/// </summary>
internal static class OnigurumaPattern
{
    // General categories are spelled alike; script and property names are not known to .NET, except as blocks of other content.
    private static readonly HashSet<string> Categories = new(StringComparer.Ordinal)
    {
        "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po",
        "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Cs", "Co", "Cn",
    };

    // What Oniguruma counts as part of a word: alphabetic characters (circled letters are), marks, decimal digits and connectors; outside of a
    // character class the numerals of Latin-1 too.
    private const string WordInClass = @"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\u24B6-\u24E9";
    private const string Word = WordInClass + @"\u00B2\u00B3\u00B9\u00BC-\u00BE";

    // Pairs of letters that Oniguruma also finds as one character (ß, ﬆ, ﬀ, ﬁ, ﬂ) when case does not matter.
    private static readonly string[] FoldedPairs = ["ss", "st", "ff", "fi", "fl"];

    /// <summary>Translates a pattern.</summary>
    /// <exception cref="NotSupportedException">It uses something without an equal; the message names it.</exception>
    public static string Translate(string pattern)
    {
        if (pattern.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
        {
            throw new NotSupportedException("a character beyond the basic plane");
        }

        StringBuilder output = new(pattern.Length + 16);
        Stack<(int Start, bool IgnoresCase)> groups = new();
        bool ignoresCase = false;
        int atom = 0;
        for (int i = 0; i < pattern.Length;)
        {
            char c = pattern[i];
            int start = output.Length;
            switch (c)
            {
                case '(':
                    bool outer = ignoresCase;
                    i = CopyGroup(pattern, i, output, ref ignoresCase, out bool isWhole);
                    if (!isWhole)
                    {
                        groups.Push((start, outer));
                    }

                    break;
                case ')':
                    (atom, ignoresCase) = groups.Count > 0 ? groups.Pop() : throw new NotSupportedException("a ')' without '('");
                    output.Append(c);
                    i++;
                    break;
                case '[':
                    atom = start;
                    i = CopyClass(pattern, i, output, ignoresCase);
                    break;
                case '\\':
                    atom = start;
                    i = CopyEscape(pattern, i, output, inClass: false);
                    break;
                case '*' or '+' or '?' or '{':
                    i = CopyQuantifier(pattern, i, atom, output);
                    break;
                case '^' or '$':
                    // Oniguruma's stand for the ends of every line.
                    output.Append("(?m:").Append(c).Append(')');
                    i++;
                    break;
                default:
                    atom = start;
                    CheckFolding(pattern, i, ignoresCase);

                    // Of the letters with more than two forms, .NET leaves the long s out.
                    output.Append(ignoresCase && c is 's' or 'S' ? "[sS\u017F]" : c.ToString());
                    i++;
                    break;
            }
        }

        return output.ToString();
    }

    private static void CheckFolding(string pattern, int i, bool ignoresCase)
    {
        if (ignoresCase && (pattern[i] > 0x7F || FoldedPairs.Any(pair => string.Compare(pattern, i, pair, 0, 2, StringComparison.OrdinalIgnoreCase) == 0)))
        {
            throw new NotSupportedException($"'{pattern[i]}' where case does not matter");
        }
    }

    // The opening of a group; "(?i)" is a whole one and holds up to the end of the group around it.
    private static int CopyGroup(string pattern, int i, StringBuilder output, ref bool ignoresCase, out bool isWhole)
    {
        isWhole = false;
        int end = i + 1;
        if (end >= pattern.Length || pattern[end] != '?')
        {
            output.Append('(');
            return end;
        }

        foreach (string opening in (string[])["(?:", "(?=", "(?!", "(?>", "(?<=", "(?<!"])
        {
            if (string.CompareOrdinal(pattern, i, opening, 0, opening.Length) == 0)
            {
                output.Append(opening);
                return i + opening.Length;
            }
        }

        foreach (string option in (string[])["(?i:", "(?-i:", "(?i)", "(?-i)"])
        {
            if (string.CompareOrdinal(pattern, i, option, 0, option.Length) == 0)
            {
                output.Append(option);
                ignoresCase = !option.Contains('-');
                isWhole = option.EndsWith(')');
                return i + option.Length;
            }
        }

        throw new NotSupportedException($"the group {pattern.AsSpan(i, Math.Min(4, pattern.Length - i))}…");
    }

    private static int CopyQuantifier(string pattern, int i, int atom, StringBuilder output)
    {
        int start = i;
        if (pattern[i] == '{')
        {
            int close = pattern.IndexOf('}', i);
            i = close < 0 ? throw new NotSupportedException("a '{' without '}'") : close + 1;

            // "{,n}" begins at 0.
            output.Append('{').Append(pattern[start + 1] == ',' ? "0" : "").Append(pattern, start + 1, close - start);
        }
        else
        {
            i++;
            output.Append(pattern[start]);
        }

        if (i < pattern.Length && pattern[i] == '?')
        {
            output.Append('?');
            return i + 1;
        }

        // After a {n,m} a '+' repeats again in Oniguruma's syntax, which no published pattern means.
        if (i < pattern.Length && pattern[i] == '+')
        {
            if (pattern[start] == '{')
            {
                throw new NotSupportedException("a '+' after '}'");
            }

            output.Insert(atom, "(?>").Append(')');
            return i + 1;
        }

        return i;
    }

    private static int CopyClass(string pattern, int i, StringBuilder output, bool ignoresCase)
    {
        int start = i;
        output.Append(pattern[i++]);
        if (i < pattern.Length && pattern[i] == '^')
        {
            output.Append(pattern[i++]);
        }

        for (bool first = true; i < pattern.Length; first = false)
        {
            char c = pattern[i];
            if (c == ']' && !first)
            {
                output.Append(ignoresCase && pattern.AsSpan(start, i - start).ContainsAny('s', 'S') ? "\u017F" : "").Append(c);
                return i + 1;
            }

            if (c == '&' && i + 1 < pattern.Length && pattern[i + 1] == '&')
            {
                throw new NotSupportedException("an intersection (&&) of character classes");
            }

            if (c == '[')
            {
                // Oniguruma reads a nested class here, .NET a plain bracket.
                throw new NotSupportedException("a character class inside another");
            }

            if (c == '\\')
            {
                i = CopyEscape(pattern, i, output, inClass: true);
                continue;
            }

            if (ignoresCase && !first && (c > 0x7F || c == '-'))
            {
                throw new NotSupportedException($"'{c}' in a character class where case does not matter");
            }

            output.Append(c is '-' && first ? "\\-" : c.ToString());
            i++;
        }

        throw new NotSupportedException("a '[' without ']'");
    }

    private static int CopyEscape(string pattern, int i, StringBuilder output, bool inClass)
    {
        if (i + 1 >= pattern.Length)
        {
            throw new NotSupportedException("a '\\' at the end");
        }

        char c = pattern[i + 1];
        switch (c)
        {
            case 'p' or 'P':
                return CopyProperty(pattern, i, output);
            case 'w':
                output.Append(inClass ? WordInClass : $"[{Word}]");
                return i + 2;
            case 'W' when !inClass:
                output.Append("[^").Append(Word).Append(']');
                return i + 2;
            case 'b' when !inClass:
                output.Append($"(?:(?<=[{Word}])(?![{Word}])|(?<![{Word}])(?=[{Word}]))");
                return i + 2;
            case 'B' when !inClass:
                output.Append($"(?:(?<=[{Word}])(?=[{Word}])|(?<![{Word}])(?![{Word}]))");
                return i + 2;
            case 'h':
                // Oniguruma: a hexadecimal digit.
                throw new NotSupportedException("\\h");
            case 'x' when i + 2 < pattern.Length && pattern[i + 2] == '{':
                return CopyCodePoint(pattern, i, output);
            case >= '1' and <= '9' or 'W' or 'B' or 'g' or 'k' or 'K' or 'R' or 'X' or 'z' or 'Z' or 'G' or 'y' or 'Y' or 'O' or 'N':
                throw new NotSupportedException($"\\{c}");
            default:
                output.Append('\\').Append(c);
                return i + 2;
        }
    }

    private static int CopyProperty(string pattern, int i, StringBuilder output)
    {
        int close = i + 2 < pattern.Length && pattern[i + 2] == '{' ? pattern.IndexOf('}', i) : -1;
        string name = close < 0 ? "" : pattern[(i + 3)..close];
        bool negated = pattern[i + 1] == 'P' ^ name.StartsWith('^');
        name = name.TrimStart('^');
        if (!Categories.Contains(name))
        {
            throw new NotSupportedException($"the property \\p{{{name}}}; general categories are");
        }

        output.Append(negated ? "\\P{" : "\\p{").Append(name).Append('}');
        return close + 1;
    }

    private static int CopyCodePoint(string pattern, int i, StringBuilder output)
    {
        int close = pattern.IndexOf('}', i);
        if (close < 0 || !ushort.TryParse(pattern.AsSpan(i + 3, close - i - 3), System.Globalization.NumberStyles.AllowHexSpecifier, null, out ushort code))
        {
            throw new NotSupportedException("a \\x{…} outside the basic plane");
        }

        output.Append("\\u").Append(code.ToString("X4", System.Globalization.CultureInfo.InvariantCulture));
        return close + 1;
    }
}
