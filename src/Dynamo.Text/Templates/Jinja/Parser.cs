namespace Dynamo.Text.Templates.Jinja;

/// <summary>Builds statements from tokens; expressions are <see cref="ExpressionParser"/>'s.</summary>
internal sealed class Parser
{
    // CPython refuses code that is nested about as deep; here it bounds how many scopes a name is looked up in.
    private const int MaxDepth = 100;

    private readonly TokenStream _tokens;
    private readonly ExpressionParser _expressions;
    private readonly HashSet<string> _blocks = new(StringComparer.Ordinal);
    private string _end = "";
    private int _depth;
    private int _loops;

    private Parser(List<Token> tokens)
    {
        _tokens = new TokenStream(tokens);
        _expressions = new ExpressionParser(_tokens);
    }

    /// <summary>Parses a template.</summary>
    /// <exception cref="TemplateException">It is not well-formed, or nested too deeply.</exception>
    public static IReadOnlyList<Statement> Parse(string source)
    {
        Parser parser = new(Lexer.Tokenize(source));
        return parser.Body();
    }

    // Statements up to a tag that the caller waits for, whose name is consumed and kept in _end.
    private List<Statement> Body(params ReadOnlySpan<string> ends)
    {
        if (++_depth > MaxDepth)
        {
            throw new TemplateException($"statements are nested more than {MaxDepth} deep", _tokens.Current.Line);
        }

        List<Statement> body = [];
        while (true)
        {
            Token token = _tokens.Current;
            switch (token.Kind)
            {
                case TokenKind.End when ends.Length == 0:
                    _depth--;
                    return body;
                case TokenKind.End:
                    throw new TemplateException($"the template ends where {string.Join(" or ", ends.ToArray())} is expected", token.Line);
                case TokenKind.Data:
                    _tokens.Next();
                    body.Add(new TextStatement(token.Line, token.Text));
                    break;
                case TokenKind.VariableBegin:
                    _tokens.Next();
                    body.Add(new OutputStatement(token.Line, _expressions.Tuple()));
                    _tokens.Expect(TokenKind.VariableEnd);
                    break;
                default:
                    _tokens.Expect(TokenKind.BlockBegin);
                    Token name = _tokens.Expect(TokenKind.Name);
                    if (ends.Contains(name.Text))
                    {
                        _end = name.Text;
                        _depth--;
                        return body;
                    }

                    body.Add(Tag(name));
                    break;
            }
        }
    }

    private Statement Tag(Token name) => name.Text switch
    {
        "if" => If(name.Line),
        "for" => For(name.Line),
        "set" => Set(name.Line),
        "macro" => Macro(name.Line),
        "call" => CallBlock(name.Line),
        "filter" => FilterBlock(name.Line),
        "with" => With(name.Line),
        "generation" => Generation(name.Line),
        "block" => Block(name.Line),
        "print" => Closed(new PrintStatement(name.Line, Printed())),
        "do" => Closed(new DoStatement(name.Line, _expressions.Tuple())),
        "break" or "continue" when _loops == 0 => throw new TemplateException($"{{% {name.Text} %}} outside of a loop", name.Line),
        "break" => Closed(new BreakStatement(name.Line)),
        "continue" => Closed(new ContinueStatement(name.Line)),
        "include" or "import" or "from" or "extends" => throw new TemplateException($"{{% {name.Text} %}} is not supported: a chat template is one file", name.Line),
        _ => throw new TemplateException($"unknown tag '{name.Text}'", name.Line),
    };

    private T Closed<T>(T statement)
    {
        _tokens.Expect(TokenKind.BlockEnd);
        return statement;
    }

    private IfStatement If(int line)
    {
        List<(Expression, IReadOnlyList<Statement>)> branches = [];
        List<Statement> otherwise = [];
        do
        {
            Expression condition = Closed(_expressions.TupleWithoutCondition());
            branches.Add((condition, Body("elif", "else", "endif")));
        }
        while (_end == "elif");

        if (_end == "else")
        {
            _tokens.Expect(TokenKind.BlockEnd);
            otherwise = Body("endif");
        }

        return Closed(new IfStatement(line, branches, otherwise));
    }

    private ForStatement For(int line)
    {
        Expression target = _expressions.AssignmentTarget();
        _tokens.ExpectName("in");
        Expression items = _expressions.TupleWithoutCondition();
        Expression? condition = _tokens.SkipName("if") ? _expressions.Expression() : null;
        bool recursive = _tokens.SkipName("recursive");
        _tokens.Expect(TokenKind.BlockEnd);
        _loops++;
        List<Statement> body = Body("endfor", "else");
        _loops--;
        List<Statement> otherwise = [];
        if (_end == "else")
        {
            _tokens.Expect(TokenKind.BlockEnd);
            otherwise = Body("endfor");
        }

        return Closed(new ForStatement(line, target, items, condition, recursive, body, otherwise));
    }

    private Statement Set(int line)
    {
        Expression target = _expressions.AssignmentTarget();
        if (_tokens.SkipOperator("="))
        {
            return Closed(new SetStatement(line, target, _expressions.Tuple()));
        }

        List<(string, CallArguments)> filters = Filters();
        _tokens.Expect(TokenKind.BlockEnd);
        List<Statement> body = Body("endset");
        return Closed(new SetBlockStatement(line, target, filters, body));
    }

    private List<(string, CallArguments)> Filters()
    {
        List<(string, CallArguments)> filters = [];
        while (_tokens.SkipOperator("|"))
        {
            filters.Add(_expressions.FilterCall());
        }

        return filters;
    }

    private MacroStatement Macro(int line)
    {
        string name = _tokens.Expect(TokenKind.Name).Text;
        return Closed(Macro(line, name, Parameters, "endmacro"));
    }

    // Which special names a macro uses decides which arguments it takes.
    private MacroStatement Macro(int line, string name, Func<List<(string, Expression?)>> parameters, string end)
    {
        (HashSet<string> outerNames, int outerLoops) = (_expressions.UsedNames, _loops);
        (_expressions.UsedNames, _loops) = (new HashSet<string>(StringComparer.Ordinal), 0);
        List<(string, Expression?)> taken = parameters();
        _tokens.Expect(TokenKind.BlockEnd);
        List<Statement> body = Body(end);
        _tokens.SkipAnyName();
        HashSet<string> used = _expressions.UsedNames;
        outerNames.UnionWith(used);
        (_expressions.UsedNames, _loops) = (outerNames, outerLoops);
        return new MacroStatement(line, name, taken, body, used.Contains("caller"), used.Contains("varargs"), used.Contains("kwargs"));
    }

    private CallStatement CallBlock(int line)
    {
        List<(string, Expression?)> parameters = _tokens.IsOperator("(") ? Parameters() : [];
        if (_expressions.Expression() is not Call call)
        {
            throw new TemplateException("{% call %} needs a call", line);
        }

        return Closed(new CallStatement(line, Macro(line, "caller", () => parameters, "endcall"), call));
    }

    private BlockStatement Block(int line)
    {
        string name = _tokens.Expect(TokenKind.Name).Text;
        if (!_blocks.Add(name))
        {
            throw new TemplateException($"there are two blocks '{name}'", line);
        }

        bool scoped = _tokens.SkipName("scoped");
        _tokens.Expect(TokenKind.BlockEnd);
        int outerLoops = _loops;
        _loops = 0;
        List<Statement> body = Body("endblock");
        _loops = outerLoops;
        _tokens.SkipName(name);
        return Closed(new BlockStatement(line, scoped, body));
    }

    private List<Expression> Printed()
    {
        List<Expression> values = [];
        while (_tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (values.Count > 0)
            {
                _tokens.ExpectOperator(",");
            }

            values.Add(_expressions.Expression());
        }

        return values;
    }

    private List<(string, Expression?)> Parameters()
    {
        List<(string, Expression?)> parameters = [];
        _tokens.ExpectOperator("(");
        while (!_tokens.SkipOperator(")"))
        {
            if (parameters.Count > 0)
            {
                _tokens.ExpectOperator(",");
            }

            string name = _tokens.Expect(TokenKind.Name).Text;
            parameters.Add((name, _tokens.SkipOperator("=") ? _expressions.Expression() : null));
        }

        return parameters;
    }

    private FilterStatement FilterBlock(int line)
    {
        List<(string, CallArguments)> filters = [_expressions.FilterCall(), .. Filters()];
        _tokens.Expect(TokenKind.BlockEnd);
        List<Statement> body = Body("endfilter");
        return Closed(new FilterStatement(line, filters, body));
    }

    private WithStatement With(int line)
    {
        List<(Expression, Expression)> bindings = [];
        while (_tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (bindings.Count > 0)
            {
                _tokens.ExpectOperator(",");
            }

            Expression target = _expressions.AssignmentTarget();
            _tokens.ExpectOperator("=");
            bindings.Add((target, _expressions.Expression()));
        }

        _tokens.Expect(TokenKind.BlockEnd);
        List<Statement> body = Body("endwith");
        return Closed(new WithStatement(line, bindings, body));
    }

    // Marks what the assistant says, for training; rendering ignores the mark.
    private ScopeStatement Generation(int line)
    {
        _tokens.Expect(TokenKind.BlockEnd);
        List<Statement> body = Body("endgeneration");
        return Closed(new ScopeStatement(line, body));
    }
}
