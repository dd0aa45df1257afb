using System.Globalization;
using System.Text;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>Cuts what stands inside a tag into tokens.</summary>
/// <param name="source">The template.</param>
/// <param name="tokens">Tokens are added here.</param>
internal readonly struct ExpressionLexer(string source, List<Token> tokens)
{
    private static readonly string[] Operators = ["//", "**", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", ".", ":", "|", ",", "(", ")", "[", "]", "{", "}"];

    /// <summary>Adds the token that begins at a place.</summary>
    /// <param name="at">The place; no white space is there.</param>
    /// <param name="line">Its line.</param>
    /// <param name="depth">Open brackets.</param>
    /// <returns>The place behind it.</returns>
    public int Next(int at, int line, ref int depth)
    {
        char c = source[at];
        if (char.IsLetter(c) || c == '_')
        {
            int end = at + 1;
            while (end < source.Length && (char.IsLetterOrDigit(source[end]) || source[end] == '_'))
            {
                end++;
            }

            return Add(TokenKind.Name, at, end, line);
        }

        if (char.IsAsciiDigit(c))
        {
            return Number(at, line);
        }

        if (c is '"' or '\'')
        {
            return Text(at, line);
        }

        foreach (string op in Operators)
        {
            if (string.CompareOrdinal(source, at, op, 0, op.Length) == 0)
            {
                depth += op switch { "(" or "[" or "{" => 1, ")" or "]" or "}" => -1, _ => 0 };
                return Add(TokenKind.Operator, at, at + op.Length, line);
            }
        }

        throw new TemplateException($"unexpected character '{c}'", line);
    }

    private int Add(TokenKind kind, int at, int end, int line)
    {
        tokens.Add(new Token(kind, source[at..end], line));
        return end;
    }

    private int Number(int at, int line)
    {
        if (source[at] == '0' && at + 2 < source.Length && char.ToLowerInvariant(source[at + 1]) is 'x' or 'o' or 'b' && char.IsAsciiHexDigit(source[at + 2]))
        {
            int last = at + 2;
            while (last < source.Length && (char.IsAsciiHexDigit(source[last]) || source[last] == '_'))
            {
                last++;
            }

            return Add(TokenKind.Integer, at, last, line);
        }

        int end = Digits(at);

        // Behind a point, as in items.0.1, digits are an integer.
        if (at > 0 && source[at - 1] == '.')
        {
            return Add(TokenKind.Integer, at, end, line);
        }

        TokenKind kind = TokenKind.Integer;
        if (end + 1 < source.Length && source[end] == '.' && char.IsAsciiDigit(source[end + 1]))
        {
            kind = TokenKind.Float;
            end = Digits(end + 1);
        }

        int exponent = end + 1;
        if (end < source.Length && source[end] is 'e' or 'E')
        {
            exponent += exponent < source.Length && source[exponent] is '+' or '-' ? 1 : 0;
            if (exponent < source.Length && char.IsAsciiDigit(source[exponent]))
            {
                kind = TokenKind.Float;
                end = Digits(exponent);
            }
        }

        return Add(kind, at, end, line);
    }

    private int Digits(int i)
    {
        while (i < source.Length && (char.IsAsciiDigit(source[i]) || (source[i] == '_' && i + 1 < source.Length && char.IsAsciiDigit(source[i + 1]))))
        {
            i++;
        }

        return i;
    }

    private int Text(int at, int line)
    {
        StringBuilder text = new();
        int i = at + 1;
        while (i < source.Length && source[i] != source[at])
        {
            if (source[i] != '\\' || i + 1 >= source.Length)
            {
                text.Append(source[i++]);
                continue;
            }

            i = Escape(i + 1, line, text);
        }

        if (i >= source.Length)
        {
            throw new TemplateException("a string is not closed", line);
        }

        tokens.Add(new Token(TokenKind.String, text.ToString(), line));
        return i + 1;
    }

    private int Escape(int i, int line, StringBuilder text)
    {
        char c = source[i];
        int digits = c switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0)
        {
            if (i + digits >= source.Length
                || !int.TryParse(source.AsSpan(i + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code)
                || code is < 0 or > 0x10FFFF)
            {
                throw new TemplateException($"'\\{c}' needs {digits} hexadecimal digits", line);
            }

            text.Append(code < 0x10000 ? ((char)code).ToString() : char.ConvertFromUtf32(code));
            return i + 1 + digits;
        }

        if (c is >= '0' and <= '7')
        {
            int code = 0;
            int end = i;
            for (; end < source.Length && end < i + 3 && source[end] is >= '0' and <= '7'; end++)
            {
                code = (code * 8) + (source[end] - '0');
            }

            text.Append((char)code);
            return end;
        }

        switch (c)
        {
            case '\n': break;
            case 'n': text.Append('\n'); break;
            case 't': text.Append('\t'); break;
            case 'r': text.Append('\r'); break;
            case 'b': text.Append('\b'); break;
            case 'f': text.Append('\f'); break;
            case 'v': text.Append('\v'); break;
            case 'a': text.Append('\a'); break;
            case '\\' or '\'' or '"': text.Append(c); break;
            case 'N': throw new TemplateException("characters by name (\\N) are not supported", line);
            default: text.Append('\\').Append(c); break;
        }

        return i + 1;
    }
}
