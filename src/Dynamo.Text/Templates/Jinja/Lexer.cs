using System.Globalization;
using System.Text;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>
/// Cuts a template into tokens, with trim_blocks and lstrip_blocks on as transformers sets them: a newline behind a block tag goes, and so
/// does white space between the start of a line and a block tag; <c>-</c> in a tag takes all white space on its side, <c>+</c> none.
/// </summary>
internal sealed class Lexer
{
    private static readonly string[] Operators = ["//", "**", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", ".", ":", "|", ",", "(", ")", "[", "]", "{", "}"];

    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private readonly StringBuilder _data = new();
    private int _at;
    private int _line = 1;
    private int _dataLine = 1;

    private Lexer(string source)
    {
        // Newlines become \n, and one at the very end is dropped.
        string text = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        _source = text.EndsWith('\n') ? text[..^1] : text;
    }

    /// <summary>Tokens of a template, the last one <see cref="TokenKind.End"/>.</summary>
    public static List<Token> Tokenize(string source)
    {
        Lexer lexer = new(source);
        lexer.Run();
        return lexer._tokens;
    }

    private void Run()
    {
        while (_at < _source.Length)
        {
            int tag = NextTag(_at);
            if (tag < 0)
            {
                Take(_source.Length - _at);
                break;
            }

            Take(tag - _at);
            char kind = _source[tag + 1];
            char control = tag + 2 < _source.Length ? _source[tag + 2] : '\0';
            if (control == '-')
            {
                TrimDataEnd(static c => char.IsWhiteSpace(c));
            }
            else if (kind != '{' && control != '+')
            {
                StripLineStart();
            }

            switch (kind)
            {
                case '#':
                    Comment();
                    break;
                case '%' when RawBegin() is { } bodyStart:
                    Raw(bodyStart);
                    break;
                default:
                    Tag(kind);
                    break;
            }
        }

        FlushData();
        _tokens.Add(new Token(TokenKind.End, "", _line));
    }

    private int NextTag(int from)
    {
        for (int i = _source.IndexOf('{', from); i >= 0 && i + 1 < _source.Length; i = _source.IndexOf('{', i + 1))
        {
            if (_source[i + 1] is '{' or '%' or '#')
            {
                return i;
            }
        }

        return -1;
    }

    private void Take(int length)
    {
        if (_data.Length == 0)
        {
            _dataLine = _line;
        }

        _data.Append(_source, _at, length);
        Advance(length);
    }

    private void Advance(int length)
    {
        _line += _source.AsSpan(_at, length).Count('\n');
        _at += length;
    }

    private void FlushData()
    {
        if (_data.Length > 0)
        {
            _tokens.Add(new Token(TokenKind.Data, _data.ToString(), _dataLine));
            _data.Clear();
        }
    }

    private void TrimDataEnd(Func<char, bool> drop)
    {
        int length = _data.Length;
        while (length > 0 && drop(_data[length - 1]))
        {
            length--;
        }

        _data.Length = length;
    }

    private void StripLineStart()
    {
        int length = _data.Length;
        while (length > 0 && _data[length - 1] != '\n' && char.IsWhiteSpace(_data[length - 1]))
        {
            length--;
        }

        // Only when nothing but white space stands before the tag in its line.
        if (length > 0 ? _data[length - 1] == '\n' : _tokens.Count == 0 || LastTagEndedLine())
        {
            _data.Length = length;
        }
    }

    // Whether the text since the last tag began on a new line, because trim_blocks took that line's newline.
    private bool LastTagEndedLine() => _source.AsSpan(0, _at).TrimEnd(" \t").EndsWith("\n") || _at == 0;

    private void Comment()
    {
        int end = _source.IndexOf("#}", _at + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            throw new TemplateException("a comment is not closed", _line);
        }

        char control = _source[end - 1];
        Advance(end + 2 - _at);
        AfterTag(control, isBlock: true);
    }

    private void AfterTag(char control, bool isBlock)
    {
        if (control == '-')
        {
            while (_at < _source.Length && char.IsWhiteSpace(_source[_at]))
            {
                Advance(1);
            }
        }
        else if (isBlock && control != '+' && _at < _source.Length && _source[_at] == '\n')
        {
            Advance(1);
        }
    }

    // The index behind "{% raw %}" when the tag here is one.
    private int? RawBegin()
    {
        int i = _at + 2;
        i += i < _source.Length && _source[i] is '-' or '+' ? 1 : 0;
        i = SkipSpace(i);
        if (string.CompareOrdinal(_source, i, "raw", 0, 3) != 0)
        {
            return null;
        }

        i = SkipSpace(i + 3);
        i += i < _source.Length && _source[i] is '-' or '+' ? 1 : 0;
        return string.CompareOrdinal(_source, i, "%}", 0, 2) == 0 ? i + 2 : null;
    }

    private void Raw(int bodyStart)
    {
        char openControl = _source[bodyStart - 3];
        for (int i = _source.IndexOf("{%", bodyStart, StringComparison.Ordinal); i >= 0; i = _source.IndexOf("{%", i + 2, StringComparison.Ordinal))
        {
            int j = i + 2;
            char before = j < _source.Length ? _source[j] : '\0';
            j = SkipSpace(j + (before is '-' or '+' ? 1 : 0));
            if (string.CompareOrdinal(_source, j, "endraw", 0, 6) != 0)
            {
                continue;
            }

            j = SkipSpace(j + 6);
            char after = j < _source.Length ? _source[j] : '\0';
            j += after is '-' or '+' ? 1 : 0;
            if (string.CompareOrdinal(_source, j, "%}", 0, 2) != 0)
            {
                continue;
            }

            Advance(bodyStart - _at);
            AfterTag(openControl, isBlock: true);
            Take(Math.Max(0, i - _at));
            if (before == '-')
            {
                TrimDataEnd(static c => char.IsWhiteSpace(c));
            }
            else if (before != '+')
            {
                StripLineStart();
            }

            Advance(j + 2 - _at);
            AfterTag(after, isBlock: true);
            return;
        }

        throw new TemplateException("{% raw %} is not closed", _line);
    }

    private int SkipSpace(int i)
    {
        while (i < _source.Length && char.IsWhiteSpace(_source[i]))
        {
            i++;
        }

        return i;
    }

    private void Tag(char kind)
    {
        FlushData();
        bool isBlock = kind == '%';
        string close = isBlock ? "%}" : "}}";
        int openLine = _line;
        _tokens.Add(new Token(isBlock ? TokenKind.BlockBegin : TokenKind.VariableBegin, "", _line));
        Advance(2);
        if (_at < _source.Length && _source[_at] is '-' or '+')
        {
            Advance(1);
        }

        int depth = 0;
        while (true)
        {
            Advance(SkipSpace(_at) - _at);
            if (_at >= _source.Length)
            {
                throw new TemplateException($"a tag is not closed with {close}", openLine);
            }

            char control = _source[_at] is '-' or '+' ? _source[_at] : '\0';
            int at = _at + (control == '\0' ? 0 : 1);
            if (depth == 0 && string.CompareOrdinal(_source, at, close, 0, 2) == 0)
            {
                _tokens.Add(new Token(isBlock ? TokenKind.BlockEnd : TokenKind.VariableEnd, "", _line));
                Advance(at + 2 - _at);
                AfterTag(control, isBlock);
                return;
            }

            depth += Next();
        }
    }

    // One token of an expression; returns by how much it opens or closes brackets.
    private int Next()
    {
        char c = _source[_at];
        if (char.IsLetter(c) || c == '_')
        {
            int end = _at + 1;
            while (end < _source.Length && (char.IsLetterOrDigit(_source[end]) || _source[end] == '_'))
            {
                end++;
            }

            Add(TokenKind.Name, end);
            return 0;
        }

        if (char.IsAsciiDigit(c))
        {
            Number();
            return 0;
        }

        if (c is '"' or '\'')
        {
            Text(c);
            return 0;
        }

        foreach (string op in Operators)
        {
            if (string.CompareOrdinal(_source, _at, op, 0, op.Length) == 0)
            {
                Add(TokenKind.Operator, _at + op.Length);
                return op switch { "(" or "[" or "{" => 1, ")" or "]" or "}" => -1, _ => 0 };
            }
        }

        throw new TemplateException($"unexpected character '{c}'", _line);
    }

    private void Add(TokenKind kind, int end)
    {
        _tokens.Add(new Token(kind, _source[_at..end], _line));
        Advance(end - _at);
    }

    private void Number()
    {
        int end = Digits(_at);
        TokenKind kind = TokenKind.Integer;
        if (end + 1 < _source.Length && _source[end] == '.' && char.IsAsciiDigit(_source[end + 1]))
        {
            kind = TokenKind.Float;
            end = Digits(end + 1);
        }

        int exponent = end + 1;
        if (end < _source.Length && _source[end] is 'e' or 'E')
        {
            exponent += exponent < _source.Length && _source[exponent] is '+' or '-' ? 1 : 0;
            if (exponent < _source.Length && char.IsAsciiDigit(_source[exponent]))
            {
                kind = TokenKind.Float;
                end = Digits(exponent);
            }
        }

        Add(kind, end);
    }

    private int Digits(int i)
    {
        while (i < _source.Length && (char.IsAsciiDigit(_source[i]) || _source[i] == '_'))
        {
            i++;
        }

        return i;
    }

    private void Text(char quote)
    {
        int line = _line;
        StringBuilder text = new();
        int i = _at + 1;
        while (i < _source.Length && _source[i] != quote)
        {
            if (_source[i] != '\\' || i + 1 >= _source.Length)
            {
                text.Append(_source[i++]);
                continue;
            }

            i = Escape(i + 1, text);
        }

        if (i >= _source.Length)
        {
            throw new TemplateException("a string is not closed", line);
        }

        Advance(i + 1 - _at);
        _tokens.Add(new Token(TokenKind.String, text.ToString(), line));
    }

    private int Escape(int i, StringBuilder text)
    {
        char c = _source[i];
        int digits = c switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (digits > 0)
        {
            if (i + digits >= _source.Length
                || !int.TryParse(_source.AsSpan(i + 1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code)
                || code is < 0 or > 0x10FFFF)
            {
                throw new TemplateException($"'\\{c}' needs {digits} hexadecimal digits", _line);
            }

            text.Append(code is >= 0xD800 and <= 0xDFFF || code < 0x10000 ? ((char)code).ToString() : char.ConvertFromUtf32(code));
            return i + 1 + digits;
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
            case '0': text.Append('\0'); break;
            case '\\' or '\'' or '"': text.Append(c); break;
            default: text.Append('\\').Append(c); break;
        }

        return i + 1;
    }
}
