using System.Numerics;
using System.Runtime.CompilerServices;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>Computes expressions with Python's rules.</summary>
internal sealed class Evaluator(Interpreter interpreter)
{
    /// <summary>Python's truth of a value.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool flag => flag,
        long integer => integer != 0,
        double real => real != 0,
        string text => text.Length > 0,
        Markup markup => markup.Text.Length > 0,
        BigInteger => true,
        PyList list => list.Items.Count > 0,
        PyDict dict => dict.Count > 0,
        _ => true,
    };

    /// <summary>Computes an expression.</summary>
    public object? Evaluate(Expression expression, Scope scope)
    {
        interpreter.Budget.Spend(1);
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new TemplateException("an expression is nested too deeply", expression.Line);
        }

        try
        {
            return Compute(expression, scope);
        }
        catch (TemplateException e) when (e.Line == 0)
        {
            throw new TemplateException(e.Reason, expression.Line);
        }
    }

    /// <summary>Computes arguments.</summary>
    public Arguments Evaluate(CallArguments arguments, string function, Scope scope)
    {
        List<object?> positional = new(arguments.Positional.Count);
        foreach (Expression argument in arguments.Positional)
        {
            positional.Add(Evaluate(argument, scope));
        }

        if (arguments.Spread is { } spread)
        {
            positional.AddRange(Iteration.Over(interpreter.Budget, Evaluate(spread, scope)));
        }

        List<KeyValuePair<string, object?>> named = new(arguments.Named.Count);
        foreach ((string name, Expression value) in arguments.Named)
        {
            named.Add(new(name, Evaluate(value, scope)));
        }

        if (arguments.NamedSpread is { } namedSpread)
        {
            PyDict dict = Evaluate(namedSpread, scope) as PyDict ?? throw new TemplateException("'**' needs a dict");
            named.AddRange(dict.Items.Select(item => new KeyValuePair<string, object?>(PythonText.Str(interpreter.Budget, item.Key), item.Value)));
        }

        return new Arguments(function, positional, named);
    }

    /// <summary>Applies a filter.</summary>
    public object? ApplyFilter(string name, object? value, CallArguments arguments, Scope scope)
    {
        if (!Filters.All.TryGetValue(name, out FilterFunction? filter))
        {
            throw new TemplateException($"there is no filter '{name}'");
        }

        return Filters.Apply(interpreter, filter, value, Evaluate(arguments, name, scope));
    }

    private object? Compute(Expression expression, Scope scope)
    {
        switch (expression)
        {
            case Literal literal:
                return literal.Value;
            case Variable variable:
                return scope.TryGet(variable.Name, out object? value) ? value : new Undefined($"'{variable.Name}' is undefined");
            case ListLiteral list:
                return new PyList(list.Items.Select(item => Evaluate(item, scope)).ToList(), list.IsTuple ? ListKind.Tuple : ListKind.List);
            case DictLiteral dict:
                return Dict(dict, scope);
            case AttributeOf attribute:
                return Members.Attribute(Read(Evaluate(attribute.Target, scope)), attribute.Name);
            case ItemOf item:
                return Members.Item(Read(Evaluate(item.Target, scope)), Read(Evaluate(item.Index, scope)));
            case SliceOf slice:
                return Members.Slice(interpreter.Budget, Evaluate(slice.Target, scope), Bound(slice.Start, scope), Bound(slice.Stop, scope), Bound(slice.Step, scope));
            case Call call:
                object? target = Evaluate(call.Target, scope);
                string name = call.Target switch { Variable v => v.Name, AttributeOf a => a.Name, _ => "call" };
                return interpreter.Call(target, Evaluate(call.Arguments, name, scope), call.Line);
            case Filter filter:
                return ApplyFilter(filter.Name, Evaluate(filter.Target, scope), filter.Arguments, scope);
            case TestExpression test:
                return Test(test, scope);
            case Unary unary:
                return Unary(unary, scope);
            case Binary binary:
                return Binary(binary, scope);
            case Comparison comparison:
                return Compare(comparison, scope);
            case Conditional conditional:
                return IsTrue(Evaluate(conditional.Condition, scope)) ? Evaluate(conditional.Then, scope)
                    : conditional.Else is { } otherwise ? Evaluate(otherwise, scope)
                    : new Undefined("the inline if has no else and its condition is false");
            default:
                throw new InvalidOperationException($"No rule for {expression.GetType().Name}.");
        }
    }

    private PyDict Dict(DictLiteral literal, Scope scope)
    {
        PyDict dict = new();
        foreach ((Expression key, Expression value) in literal.Items)
        {
            dict.Set(Evaluate(key, scope), Evaluate(value, scope));
        }

        return dict;
    }

    private object? Bound(Expression? expression, Scope scope) => expression is null ? null : Evaluate(expression, scope);

    // Whatever is done with a text next may go through all of it.
    private object? Read(object? value)
    {
        interpreter.Budget.SpendReading(value is string text ? text.Length : value is Markup markup ? markup.Text.Length : 0);
        return value;
    }

    private bool Test(TestExpression test, Scope scope)
    {
        if (!Tests.All.TryGetValue(test.Name, out TestFunction? function))
        {
            throw new TemplateException($"there is no test '{test.Name}'");
        }

        return function(interpreter, Read(Evaluate(test.Target, scope)), Evaluate(test.Arguments, test.Name, scope)) != test.Negated;
    }

    private object? Unary(Unary unary, Scope scope)
    {
        object? value = Evaluate(unary.Operand, scope);
        return unary.Operator == "not" ? !IsTrue(value) : Arithmetic.Signed(unary.Operator, value);
    }

    private object? Binary(Binary binary, Scope scope)
    {
        object? left = Evaluate(binary.Left, scope);
        switch (binary.Operator)
        {
            case "and":
                return IsTrue(left) ? Evaluate(binary.Right, scope) : left;
            case "or":
                return IsTrue(left) ? left : Evaluate(binary.Right, scope);
            default:
                return Arithmetic.Binary(interpreter.Budget, binary.Operator, left, Evaluate(binary.Right, scope));
        }
    }

    private bool Compare(Comparison comparison, Scope scope)
    {
        object? left = Evaluate(comparison.First, scope);
        foreach ((string op, Expression expression) in comparison.Rest)
        {
            object? right = Evaluate(expression, scope);
            bool holds = op switch
            {
                "==" => PythonEquality.AreEqual(interpreter.Budget, left, right),
                "!=" => !PythonEquality.AreEqual(interpreter.Budget, left, right),
                "<" => PythonEquality.Order(interpreter.Budget, left, right) < 0,
                "<=" => PythonEquality.Order(interpreter.Budget, left, right) <= 0,
                ">" => PythonEquality.Order(interpreter.Budget, left, right) > 0,
                ">=" => PythonEquality.Order(interpreter.Budget, left, right) >= 0,
                "in" => Members.Contains(interpreter.Budget, right, left),
                _ => !Members.Contains(interpreter.Budget, right, left),
            };
            if (!holds)
            {
                return false;
            }

            left = right;
        }

        return true;
    }
}
