namespace Dynamo.Text.Templates.Jinja;

/// <summary>
/// Cuts a template into tokens, with trim_blocks and lstrip_blocks on as transformers sets them: a newline behind a block tag goes, and so
/// does white space between the start of a line and a block tag; <c>-</c> in a tag takes all white space on its side, <c>+</c> none.
/// </summary>
internal sealed class Lexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _at;
    private int _line = 1;

    // Whether the last tag took the newline behind it, so that what follows begins a line.
    private bool _lineStarts = true;

    private Lexer(string source)
    {
        // Newlines become \n, and one at the very end is dropped.
        string text = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        _source = text.EndsWith('\n') ? text[..^1] : text;
    }

    /// <summary>Tokens of a template, the last one <see cref="TokenKind.End"/>.</summary>
    /// <exception cref="TemplateException">A tag, comment or string is not closed, or a character fits nowhere.</exception>
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
            char kind = tag < 0 ? '\0' : _source[tag + 1];
            char sign = tag < 0 ? '\0' : Sign(tag + 2);
            TakeData(tag < 0 ? _source.Length : tag, sign, isBlock: kind is '%' or '#');
            switch (kind)
            {
                case '\0':
                    break;
                case '#':
                    Comment(sign);
                    break;
                case '%' when RawBody() is { } body:
                    Raw(body);
                    break;
                default:
                    Tag(kind, sign);
                    break;
            }
        }

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

    private char Sign(int at) => at < _source.Length && _source[at] is '-' or '+' ? _source[at] : '\0';

    // The text before a tag, less what the tag takes away.
    private void TakeData(int end, char sign, bool isBlock)
    {
        ReadOnlySpan<char> data = _source.AsSpan(_at, end - _at);
        int length = data.Length;
        if (sign == '-')
        {
            length = TrimmedLength(data, 0);
        }
        else if (sign != '+' && isBlock)
        {
            int lineStart = data.LastIndexOf('\n') + 1;
            length = (lineStart > 0 || _lineStarts) && TrimmedLength(data, lineStart) == lineStart ? lineStart : length;
        }

        if (length > 0)
        {
            _tokens.Add(new Token(TokenKind.Data, data[..length].ToString(), _line));
        }

        Advance(end);
    }

    private static int TrimmedLength(ReadOnlySpan<char> text, int least)
    {
        int length = text.Length;
        while (length > least && StringMethods.IsSpace(text[length - 1]))
        {
            length--;
        }

        return length;
    }

    private void Advance(int to)
    {
        _line += _source.AsSpan(_at, to - _at).Count('\n');
        _at = to;
    }

    private int SkipSpace(int i)
    {
        while (i < _source.Length && StringMethods.IsSpace(_source[i]))
        {
            i++;
        }

        return i;
    }

    // Ends a tag at the given place: takes white space or the newline behind it.
    private void CloseTag(int end, char sign, bool isBlock)
    {
        int next = sign == '-' ? SkipSpace(end) : isBlock && sign != '+' && end < _source.Length && _source[end] == '\n' ? end + 1 : end;
        Advance(next);
        _lineStarts = _source[next - 1] == '\n';
    }

    private void Comment(char sign)
    {
        int start = _at + (sign == '\0' ? 2 : 3);
        int end = start <= _source.Length ? _source.IndexOf("#}", start, StringComparison.Ordinal) : -1;
        if (end < 0)
        {
            throw new TemplateException("a comment is not closed", _line);
        }

        CloseTag(end + 2, end > start ? Sign(end - 1) : '\0', isBlock: true);
    }

    // Where the text of "{% raw %}" begins, when the tag here is one. It keeps the newline behind it.
    private int? RawBody()
    {
        int i = SkipSpace(_at + (Sign(_at + 2) == '\0' ? 2 : 3));
        if (string.CompareOrdinal(_source, i, "raw", 0, 3) != 0)
        {
            return null;
        }

        i = SkipSpace(i + 3);
        return string.CompareOrdinal(_source, i, "%}", 0, 2) == 0 ? i + 2 : string.CompareOrdinal(_source, i, "-%}", 0, 3) == 0 ? SkipSpace(i + 3) : null;
    }

    private void Raw(int body)
    {
        int line = _line;
        Advance(body);
        _lineStarts = _source[body - 1] == '\n';
        for (int i = _source.IndexOf("{%", body, StringComparison.Ordinal); i >= 0; i = _source.IndexOf("{%", i + 2, StringComparison.Ordinal))
        {
            char sign = Sign(i + 2);
            int j = SkipSpace(i + (sign == '\0' ? 2 : 3));
            if (string.CompareOrdinal(_source, j, "endraw", 0, 6) != 0)
            {
                continue;
            }

            j = SkipSpace(j + 6);
            char closing = Sign(j);
            j += closing == '\0' ? 0 : 1;
            if (string.CompareOrdinal(_source, j, "%}", 0, 2) == 0)
            {
                TakeData(i, sign, isBlock: true);
                CloseTag(j + 2, closing, isBlock: true);
                return;
            }
        }

        throw new TemplateException("{% raw %} is not closed", line);
    }

    private void Tag(char kind, char sign)
    {
        bool isBlock = kind == '%';
        string close = isBlock ? "%}" : "}}";
        int openLine = _line;
        _tokens.Add(new Token(isBlock ? TokenKind.BlockBegin : TokenKind.VariableBegin, "", _line));
        Advance(_at + (sign == '\0' ? 2 : 3));
        ExpressionLexer expressions = new(_source, _tokens);
        int depth = 0;
        while (true)
        {
            Advance(SkipSpace(_at));
            if (_at >= _source.Length)
            {
                throw new TemplateException($"a tag is not closed with {close}", openLine);
            }

            // A '+' before the end is only known in block tags.
            char closing = Sign(_at) is '+' && !isBlock ? '\0' : Sign(_at);
            int at = _at + (closing == '\0' ? 0 : 1);
            if (depth == 0 && string.CompareOrdinal(_source, at, close, 0, 2) == 0)
            {
                _tokens.Add(new Token(isBlock ? TokenKind.BlockEnd : TokenKind.VariableEnd, "", _line));
                CloseTag(at + 2, closing, isBlock);
                return;
            }

            Advance(expressions.Next(_at, _line, ref depth));
        }
    }
}
