using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>Parses expressions with Jinja's precedences, loosest first: inline if, or, and, not, comparison, + -, ~, * / // %, **, sign, postfix.</summary>
internal sealed class ExpressionParser(TokenStream tokens)
{
    private const int MaxIntegerDigits = 1000;

    // Some 200 brackets within each other; Python's own parser gives up at fewer.
    private const int MaxDepth = 600;

    private static readonly string[] ComparisonOperators = ["==", "!=", "<", ">", "<=", ">="];

    private int _depth;

    /// <summary>Names that expressions have read so far.</summary>
    public HashSet<string> UsedNames { get; set; } = new(StringComparer.Ordinal);

    /// <summary>One expression.</summary>
    public Expression Expression() => Nested(ConditionalExpression);

    private Expression ConditionalExpression()
    {
        Expression value = Or();
        while (tokens.Current is { Kind: TokenKind.Name, Text: "if", Line: int line })
        {
            tokens.Next();
            Expression condition = Or();
            value = new Conditional(line, condition, value, tokens.SkipName("else") ? Expression() : null);
        }

        return value;
    }

    /// <summary>One expression, or several with commas between, which make a tuple.</summary>
    public Expression Tuple() => Tuple(Expression);

    /// <summary>As <see cref="Tuple()"/>, but an <c>if</c> behind it belongs to somebody else.</summary>
    public Expression TupleWithoutCondition() => Tuple(Or);

    /// <summary>A name, names with commas between, or <c>namespace.attribute</c>.</summary>
    public Expression AssignmentTarget()
    {
        int line = tokens.Current.Line;
        Expression first = Target();
        if (!tokens.IsOperator(","))
        {
            return first;
        }

        List<Expression> items = [first];
        while (tokens.SkipOperator(","))
        {
            if (tokens.Current.Kind is not TokenKind.Name and not TokenKind.Operator || tokens.IsName("in") || tokens.IsOperator("="))
            {
                break;
            }

            items.Add(Target());
        }

        return new ListLiteral(line, items, IsTuple: true);
    }

    /// <summary>A filter's name and arguments.</summary>
    public (string Name, CallArguments Arguments) FilterCall()
    {
        string name = DottedName();
        return (name, tokens.IsOperator("(") ? Arguments() : CallArguments.None);
    }

    private Expression Target() => Nested(TargetItself);

    private Expression TargetItself()
    {
        if (tokens.SkipOperator("("))
        {
            Expression inner = AssignmentTarget();
            tokens.ExpectOperator(")");
            return inner;
        }

        Token name = tokens.Expect(TokenKind.Name);
        if (name.Text is "true" or "false" or "none" or "True" or "False" or "None")
        {
            throw new TemplateException($"'{name.Text}' cannot be assigned to", name.Line);
        }

        return tokens.SkipOperator(".")
            ? new AttributeOf(name.Line, new Variable(name.Line, name.Text), tokens.Expect(TokenKind.Name).Text)
            : new Variable(name.Line, name.Text);
    }

    private Expression Tuple(Func<Expression> item)
    {
        int line = tokens.Current.Line;
        Expression first = item();
        if (!tokens.IsOperator(","))
        {
            return first;
        }

        List<Expression> items = [first];
        while (tokens.SkipOperator(",") && !EndsTuple())
        {
            items.Add(item());
        }

        return new ListLiteral(line, items, IsTuple: true);
    }

    private bool EndsTuple() => tokens.Current.Kind is TokenKind.BlockEnd or TokenKind.VariableEnd || tokens.IsOperator(")");

    private Expression Or() => LeftAssociative(And, "or");

    private Expression And() => LeftAssociative(Not, "and");

    private Expression LeftAssociative(Func<Expression> operand, string name)
    {
        Expression left = operand();
        while (tokens.Current is { Kind: TokenKind.Name, Line: int line } && tokens.SkipName(name))
        {
            left = new Binary(line, name, left, operand());
        }

        return left;
    }

    private Expression Not()
    {
        int line = tokens.Current.Line;
        return tokens.SkipName("not") ? new Unary(line, "not", Nested(Not)) : Compare();
    }

    private Expression Compare()
    {
        int line = tokens.Current.Line;
        Expression first = Sum();
        List<(string, Expression)> rest = [];
        while (true)
        {
            if (tokens.Current.Kind == TokenKind.Operator && ComparisonOperators.Contains(tokens.Current.Text))
            {
                string op = tokens.Next().Text;
                rest.Add((op, Sum()));
            }
            else if (tokens.SkipName("in"))
            {
                rest.Add(("in", Sum()));
            }
            else if (tokens.IsName("not") && tokens.Ahead is { Kind: TokenKind.Name, Text: "in" })
            {
                tokens.Next();
                tokens.Next();
                rest.Add(("not in", Sum()));
            }
            else
            {
                return rest.Count == 0 ? first : new Comparison(line, first, rest);
            }
        }
    }

    private Expression Sum() => LeftAssociative(Concatenation, ["+", "-"]);

    private Expression Concatenation() => LeftAssociative(Product, ["~"]);

    private Expression Product() => LeftAssociative(Power, ["*", "/", "//", "%"]);

    private Expression Power() => LeftAssociative(() => Signed(withFilters: true), ["**"]);

    private Expression LeftAssociative(Func<Expression> operand, string[] operators)
    {
        Expression left = operand();
        while (tokens.Current.Kind == TokenKind.Operator && operators.Contains(tokens.Current.Text))
        {
            Token op = tokens.Next();
            left = new Binary(op.Line, op.Text, left, operand());
        }

        return left;
    }

    private Expression Signed(bool withFilters)
    {
        Token token = tokens.Current;
        Expression value = tokens.SkipOperator("-") ? new Unary(token.Line, "-", Nested(() => Signed(withFilters: false)))
            : tokens.SkipOperator("+") ? new Unary(token.Line, "+", Nested(() => Signed(withFilters: false)))
            : Primary();
        value = Postfix(value);
        return withFilters ? FiltersAndTests(value) : value;
    }

    private Expression Primary()
    {
        Token token = tokens.Next();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => new Literal(token.Line, true),
                    "false" or "False" => new Literal(token.Line, false),
                    "none" or "None" => new Literal(token.Line, null),
                    _ => Used(token),
                };
            case TokenKind.String:
                StringBuilder text = new(token.Text);
                while (tokens.Current.Kind == TokenKind.String)
                {
                    text.Append(tokens.Next().Text);
                }

                return new Literal(token.Line, text.ToString());
            case TokenKind.Integer:
                return new Literal(token.Line, Integer(token));
            case TokenKind.Float:
                return new Literal(token.Line, double.Parse(token.Text.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture));
            case TokenKind.Operator when token.Text == "(":
                return Parenthesized(token.Line);
            case TokenKind.Operator when token.Text == "[":
                return new ListLiteral(token.Line, Items("]"), IsTuple: false);
            case TokenKind.Operator when token.Text == "{":
                return Dict(token.Line);
            default:
                throw new TemplateException($"unexpected {(token.Text.Length > 0 ? $"'{token.Text}'" : token.Kind.ToString())}", token.Line);
        }
    }

    private Variable Used(Token name)
    {
        UsedNames.Add(name.Text);
        return new Variable(name.Line, name.Text);
    }

    private static object Integer(Token token)
    {
        string digits = token.Text.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
        if (digits.Length > MaxIntegerDigits)
        {
            throw new TemplateException($"an integer has more than {MaxIntegerDigits} digits", token.Line);
        }

        if (digits.Length > 1 && char.IsAsciiLetter(digits[1]))
        {
            object? read = Numbers.Integer(digits, new Arguments("int", [null, digits[1] switch { 'x' => 16L, 'o' => 8L, _ => 2L }], []));
            return read ?? throw new TemplateException($"the integer {token.Text} cannot be read", token.Line);
        }

        BigInteger value = BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        if (value <= long.MaxValue)
        {
            return (long)value;
        }

        return value;
    }

    private Expression Parenthesized(int line)
    {
        if (tokens.SkipOperator(")"))
        {
            return new ListLiteral(line, [], IsTuple: true);
        }

        Expression value = Tuple();
        tokens.ExpectOperator(")");
        return value;
    }

    private List<Expression> Items(string close)
    {
        List<Expression> items = [];
        while (!tokens.SkipOperator(close))
        {
            if (items.Count > 0)
            {
                tokens.ExpectOperator(",");
                if (tokens.SkipOperator(close))
                {
                    break;
                }
            }

            items.Add(Expression());
        }

        return items;
    }

    private DictLiteral Dict(int line)
    {
        List<(Expression, Expression)> items = [];
        while (!tokens.SkipOperator("}"))
        {
            if (items.Count > 0)
            {
                tokens.ExpectOperator(",");
                if (tokens.SkipOperator("}"))
                {
                    break;
                }
            }

            Expression key = Expression();
            tokens.ExpectOperator(":");
            items.Add((key, Expression()));
        }

        return new DictLiteral(line, items);
    }

    private Expression Postfix(Expression value)
    {
        while (tokens.Current.Kind == TokenKind.Operator)
        {
            Token token = tokens.Current;
            switch (token.Text)
            {
                case ".":
                    tokens.Next();
                    value = tokens.Current.Kind == TokenKind.Integer
                        ? new ItemOf(token.Line, value, Primary())
                        : new AttributeOf(token.Line, value, tokens.Expect(TokenKind.Name).Text);
                    break;
                case "[":
                    tokens.Next();
                    value = Subscript(token.Line, value);
                    break;
                case "(":
                    value = new Call(token.Line, value, Arguments());
                    break;
                default:
                    return value;
            }
        }

        return value;
    }

    private Expression Subscript(int line, Expression target)
    {
        Expression? start = tokens.IsOperator(":") ? null : Tuple();
        if (start is not null && tokens.SkipOperator("]"))
        {
            return new ItemOf(line, target, start);
        }

        tokens.ExpectOperator(":");
        Expression? stop = tokens.IsOperator(":") || tokens.IsOperator("]") ? null : Expression();
        Expression? step = tokens.SkipOperator(":") && !tokens.IsOperator("]") ? Expression() : null;
        tokens.ExpectOperator("]");
        return new SliceOf(line, target, start, stop, step);
    }

    private CallArguments Arguments()
    {
        tokens.ExpectOperator("(");
        List<Expression> positional = [];
        List<(string, Expression)> named = [];
        Expression? spread = null;
        Expression? namedSpread = null;
        bool first = true;
        while (!tokens.SkipOperator(")"))
        {
            if (!first)
            {
                tokens.ExpectOperator(",");
                if (tokens.SkipOperator(")"))
                {
                    break;
                }
            }

            first = false;
            if (tokens.SkipOperator("**"))
            {
                namedSpread = Expression();
            }
            else if (tokens.SkipOperator("*"))
            {
                spread = Expression();
            }
            else if (tokens.Current.Kind == TokenKind.Name && tokens.Ahead is { Kind: TokenKind.Operator, Text: "=" })
            {
                string name = tokens.Next().Text;
                tokens.Next();
                named.Add((name, Expression()));
            }
            else if (named.Count > 0)
            {
                throw new TemplateException("a positional argument follows a named one", tokens.Current.Line);
            }
            else
            {
                positional.Add(Expression());
            }
        }

        return new CallArguments(positional, named, spread, namedSpread);
    }

    private Expression FiltersAndTests(Expression value)
    {
        while (true)
        {
            int line = tokens.Current.Line;
            if (tokens.SkipOperator("|"))
            {
                (string name, CallArguments arguments) = FilterCall();
                value = new Filter(line, value, name, arguments);
            }
            else if (tokens.SkipName("is"))
            {
                value = Test(line, value);
            }
            else if (tokens.IsOperator("("))
            {
                value = new Call(line, value, Arguments());
            }
            else
            {
                return value;
            }
        }
    }

    private TestExpression Test(int line, Expression value)
    {
        bool negated = tokens.SkipName("not");
        string name = DottedName();
        CallArguments arguments = CallArguments.None;
        if (tokens.IsName("is"))
        {
            throw new TemplateException("tests cannot be chained with 'is'", line);
        }

        if (tokens.IsOperator("("))
        {
            arguments = Arguments();
        }
        else if (StartsTestArgument())
        {
            arguments = new CallArguments([Nested(() => Postfix(Primary()))], [], null, null);
        }

        return new TestExpression(line, value, name, arguments, negated);
    }

    private bool StartsTestArgument() => tokens.Current.Kind switch
    {
        TokenKind.Name => tokens.Current.Text is not ("else" or "or" or "and" or "is" or "if" or "in" or "not" or "recursive"),
        TokenKind.String or TokenKind.Integer or TokenKind.Float => true,
        TokenKind.Operator => tokens.Current.Text is "[" or "{",
        _ => false,
    };

    private string DottedName()
    {
        string first = tokens.Expect(TokenKind.Name).Text;
        if (!tokens.IsOperator("."))
        {
            return first;
        }

        StringBuilder name = new(first);
        while (tokens.SkipOperator("."))
        {
            name.Append('.').Append(tokens.Expect(TokenKind.Name).Text);
        }

        return name.ToString();
    }

    private Expression Nested(Func<Expression> parse)
    {
        if (++_depth > MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new TemplateException("an expression is nested too deeply", tokens.Current.Line);
        }

        Expression parsed = parse();
        _depth--;
        return parsed;
    }
}
