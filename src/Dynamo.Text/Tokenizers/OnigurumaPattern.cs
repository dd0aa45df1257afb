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

    /// <summary>Translates a pattern.</summary>
    /// <exception cref="NotSupportedException">It uses something without an equal; the message names it.</exception>
    public static string Translate(string pattern)
    {
        StringBuilder output = new(pattern.Length + 16);
        Stack<int> groups = new();
        int atom = 0;
        for (int i = 0; i < pattern.Length;)
        {
            char c = pattern[i];
            switch (c)
            {
                case '(':
                    groups.Push(output.Length);
                    output.Append(c);
                    i++;
                    break;
                case ')':
                    atom = groups.Count > 0 ? groups.Pop() : throw new NotSupportedException("a ')' without '('");
                    output.Append(c);
                    i++;
                    break;
                case '[':
                    atom = output.Length;
                    i = CopyClass(pattern, i, output);
                    break;
                case '\\':
                    atom = output.Length;
                    i = CopyEscape(pattern, i, output);
                    break;
                case '*' or '+' or '?' or '{':
                    i = CopyQuantifier(pattern, i, atom, output);
                    break;
                default:
                    atom = output.Length;
                    output.Append(c);
                    i++;
                    break;
            }
        }

        return output.ToString();
    }

    private static int CopyQuantifier(string pattern, int i, int atom, StringBuilder output)
    {
        int start = i;
        if (pattern[i] == '{')
        {
            int close = pattern.IndexOf('}', i);
            i = close < 0 ? throw new NotSupportedException("a '{' without '}'") : close + 1;
        }
        else
        {
            i++;
        }

        output.Append(pattern, start, i - start);
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

    private static int CopyClass(string pattern, int i, StringBuilder output)
    {
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
                output.Append(c);
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
                i = CopyEscape(pattern, i, output);
                continue;
            }

            output.Append(c is '-' && first ? "\\-" : c.ToString());
            i++;
        }

        throw new NotSupportedException("a '[' without ']'");
    }

    private static int CopyEscape(string pattern, int i, StringBuilder output)
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
            case 'h':
                // Oniguruma: a hexadecimal digit.
                throw new NotSupportedException("\\h");
            case 'x' when i + 2 < pattern.Length && pattern[i + 2] == '{':
                return CopyCodePoint(pattern, i, output);
            case >= '1' and <= '9' or 'g' or 'k' or 'K' or 'R' or 'X' or 'z' or 'Z' or 'G' or 'y' or 'Y' or 'O' or 'N':
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
