namespace Dynamo.Text.Templates.Jinja;

/// <summary>Tokens with a current one.</summary>
internal sealed class TokenStream(List<Token> tokens)
{
    private int _at;

    public Token Current => tokens[_at];

    public Token Ahead => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    public Token Next() => tokens[_at < tokens.Count - 1 ? _at++ : _at];

    public Token Expect(TokenKind kind) => Current.Kind == kind ? Next() : throw Unexpected(kind.ToString());

    public bool IsOperator(string op) => Current.Kind == TokenKind.Operator && Current.Text == op;

    public bool IsName(string name) => Current.Kind == TokenKind.Name && Current.Text == name;

    public bool SkipOperator(string op)
    {
        bool found = IsOperator(op);
        _at += found ? 1 : 0;
        return found;
    }

    public bool SkipName(string name)
    {
        bool found = IsName(name);
        _at += found ? 1 : 0;
        return found;
    }

    public void SkipAnyName() => _at += Current.Kind == TokenKind.Name ? 1 : 0;

    public void ExpectOperator(string op)
    {
        if (!SkipOperator(op))
        {
            throw Unexpected($"'{op}'");
        }
    }

    public void ExpectName(string name)
    {
        if (!SkipName(name))
        {
            throw Unexpected($"'{name}'");
        }
    }

    public TemplateException Unexpected(string expected)
    {
        string found = Current.Kind is TokenKind.Name or TokenKind.Operator or TokenKind.Integer or TokenKind.Float ? $"'{Current.Text}'" : Current.Kind.ToString();
        return new TemplateException($"expected {expected}, found {found}", Current.Line);
    }
}
