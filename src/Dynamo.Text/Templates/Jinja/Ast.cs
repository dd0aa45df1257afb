namespace Dynamo.Text.Templates.Jinja;

/// <summary>An expression.</summary>
/// <param name="Line">Line of the template.</param>
internal abstract record Expression(int Line);

internal sealed record Literal(int Line, object? Value) : Expression(Line);

internal sealed record Variable(int Line, string Name) : Expression(Line);

internal sealed record ListLiteral(int Line, IReadOnlyList<Expression> Items, bool IsTuple) : Expression(Line);

internal sealed record DictLiteral(int Line, IReadOnlyList<(Expression Key, Expression Value)> Items) : Expression(Line);

internal sealed record AttributeOf(int Line, Expression Target, string Name) : Expression(Line);

internal sealed record ItemOf(int Line, Expression Target, Expression Index) : Expression(Line);

internal sealed record SliceOf(int Line, Expression Target, Expression? Start, Expression? Stop, Expression? Step) : Expression(Line);

internal sealed record Call(int Line, Expression Target, CallArguments Arguments) : Expression(Line);

internal sealed record Filter(int Line, Expression Target, string Name, CallArguments Arguments) : Expression(Line);

internal sealed record TestExpression(int Line, Expression Target, string Name, CallArguments Arguments, bool Negated) : Expression(Line);

internal sealed record Unary(int Line, string Operator, Expression Operand) : Expression(Line);

internal sealed record Binary(int Line, string Operator, Expression Left, Expression Right) : Expression(Line);

internal sealed record Comparison(int Line, Expression First, IReadOnlyList<(string Operator, Expression Right)> Rest) : Expression(Line);

internal sealed record Conditional(int Line, Expression Condition, Expression Then, Expression? Else) : Expression(Line);

/// <summary>Arguments of a call, as written.</summary>
internal sealed record CallArguments(
    IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named, Expression? Spread, Expression? NamedSpread)
{
    public static readonly CallArguments None = new([], [], null, null);
}

/// <summary>A statement.</summary>
/// <param name="Line">Line of the template.</param>
internal abstract record Statement(int Line);

internal sealed record TextStatement(int Line, string Text) : Statement(Line);

internal sealed record OutputStatement(int Line, Expression Value) : Statement(Line);

internal sealed record IfStatement(int Line, IReadOnlyList<(Expression Condition, IReadOnlyList<Statement> Body)> Branches, IReadOnlyList<Statement> Else) : Statement(Line);

internal sealed record ForStatement(
    int Line, Expression Target, Expression Items, Expression? Condition, bool Recursive, IReadOnlyList<Statement> Body, IReadOnlyList<Statement> Else) : Statement(Line);

internal sealed record SetStatement(int Line, Expression Target, Expression Value) : Statement(Line);

internal sealed record SetBlockStatement(int Line, Expression Target, IReadOnlyList<(string Name, CallArguments Arguments)> Filters, IReadOnlyList<Statement> Body) : Statement(Line);

internal sealed record FilterStatement(int Line, IReadOnlyList<(string Name, CallArguments Arguments)> Filters, IReadOnlyList<Statement> Body) : Statement(Line);

/// <summary>A macro. Only one that uses <c>caller</c>, <c>varargs</c> or <c>kwargs</c> takes such arguments.</summary>
internal sealed record MacroStatement(
    int Line, string Name, IReadOnlyList<(string Name, Expression? Default)> Parameters, IReadOnlyList<Statement> Body, bool UsesCaller, bool UsesVarargs, bool UsesKwargs) : Statement(Line);

internal sealed record CallStatement(int Line, MacroStatement Caller, Call Target) : Statement(Line);

internal sealed record WithStatement(int Line, IReadOnlyList<(Expression Target, Expression Value)> Bindings, IReadOnlyList<Statement> Body) : Statement(Line);

internal sealed record ScopeStatement(int Line, IReadOnlyList<Statement> Body) : Statement(Line);

internal sealed record BlockStatement(int Line, bool Scoped, IReadOnlyList<Statement> Body) : Statement(Line);

internal sealed record PrintStatement(int Line, IReadOnlyList<Expression> Values) : Statement(Line);

internal sealed record DoStatement(int Line, Expression Value) : Statement(Line);

internal sealed record BreakStatement(int Line) : Statement(Line);

internal sealed record ContinueStatement(int Line) : Statement(Line);
