using System.Runtime.CompilerServices;
using System.Text;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>Runs statements. One rendering, one thread.</summary>
internal sealed class Interpreter
{
    private readonly Evaluator _evaluator;
    private StringBuilder _output = new();
    private int _callDepth;
    private int _loopDepth;

    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    private Interpreter(TimeProvider time)
    {
        Time = time;
        _evaluator = new Evaluator(this);
    }

    /// <summary>What may still be used.</summary>
    public Budget Budget { get; } = new();

    /// <summary>Clock of <c>strftime_now</c>.</summary>
    public TimeProvider Time { get; }

    /// <summary>Renders a template.</summary>
    /// <param name="template">Its statements.</param>
    /// <param name="variables">Global names.</param>
    /// <param name="time">Clock of <c>strftime_now</c>.</param>
    /// <exception cref="TemplateException">The template raised, is wrong for these variables, or went over its limits.</exception>
    public static string Render(IReadOnlyList<Statement> template, IEnumerable<KeyValuePair<string, object?>> variables, TimeProvider time)
    {
        Interpreter interpreter = new(time);
        Scope globals = new(Globals.Scope);
        foreach ((string name, object? value) in variables)
        {
            globals.Set(name, value);
        }

        interpreter.Run(template, new Scope(globals));
        return interpreter._output.ToString();
    }

    /// <summary>Calls a function value.</summary>
    public object? Call(object? target, Arguments arguments, int line)
    {
        if (target is LoopValue { Recurse: { } recurse })
        {
            target = recurse;
        }

        if (target is not Function function)
        {
            throw target is Undefined missing
                ? new TemplateException($"{missing.Description}, so it cannot be called", line)
                : new TemplateException($"a {PythonText.TypeName(target)} cannot be called", line);
        }

        if (++_callDepth > Budget.MaxCallDepth)
        {
            throw new TemplateException($"calls are nested more than {Budget.MaxCallDepth} deep", line);
        }

        try
        {
            return function(this, arguments);
        }
        finally
        {
            _callDepth--;
        }
    }

    private Flow Run(IReadOnlyList<Statement> body, Scope scope)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new TemplateException("the template is nested too deeply");
        }

        foreach (Statement statement in body)
        {
            Budget.Spend(1);
            Flow flow;
            try
            {
                flow = Run(statement, scope);
            }
            catch (TemplateException e) when (e.Line == 0)
            {
                throw new TemplateException(e.Reason, statement.Line);
            }

            if (flow != Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }

    private Flow Run(Statement statement, Scope scope)
    {
        switch (statement)
        {
            case TextStatement text:
                Write(text.Text);
                return Flow.Next;
            case OutputStatement output:
                Write(PythonText.Str(_evaluator.Evaluate(output.Value, scope)));
                return Flow.Next;
            case IfStatement branch:
                return If(branch, scope);
            case ForStatement loop:
                For(loop, scope);
                return Flow.Next;
            case SetStatement set:
                Assign(set.Target, _evaluator.Evaluate(set.Value, scope), scope);
                return Flow.Next;
            case SetBlockStatement set:
                Assign(set.Target, Filtered(set.Filters, Capture(set.Body, new Scope(scope)), scope), scope);
                return Flow.Next;
            case FilterStatement filter:
                Write(PythonText.Str(Filtered(filter.Filters, Capture(filter.Body, new Scope(scope)), scope)));
                return Flow.Next;
            case MacroStatement macro:
                scope.Set(macro.Name, Macro(macro, scope));
                return Flow.Next;
            case CallStatement call:
                Write(PythonText.Str(CallBlock(call, scope)));
                return Flow.Next;
            case WithStatement with:
                Scope inner = new(scope);
                foreach ((Expression target, Expression value) in with.Bindings)
                {
                    Assign(target, _evaluator.Evaluate(value, scope), inner);
                }

                return Run(with.Body, inner);
            case ScopeStatement block:
                return Run(block.Body, new Scope(scope));
            case DoStatement action:
                _evaluator.Evaluate(action.Value, scope);
                return Flow.Next;
            case BreakStatement:
                return Flow.Break;
            case ContinueStatement:
                return Flow.Continue;
            default:
                throw new InvalidOperationException($"No rule for {statement.GetType().Name}.");
        }
    }

    private void Write(string text)
    {
        if (_output.Length + (long)text.Length > Budget.MaxTextLength)
        {
            throw new TemplateException($"the output is longer than {Budget.MaxTextLength:N0} characters");
        }

        _output.Append(text);
    }

    private Flow If(IfStatement statement, Scope scope)
    {
        foreach ((Expression condition, IReadOnlyList<Statement> body) in statement.Branches)
        {
            if (Evaluator.IsTrue(_evaluator.Evaluate(condition, scope)))
            {
                return Run(body, scope);
            }
        }

        return Run(statement.Else, scope);
    }

    private void For(ForStatement statement, Scope scope) => Loop(statement, _evaluator.Evaluate(statement.Items, scope), scope);

    private void Loop(ForStatement statement, object? source, Scope scope)
    {
        List<object?> items = [];
        foreach (object? item in Evaluator.Iterate(source))
        {
            Budget.Spend(1);
            if (statement.Condition is { } condition)
            {
                Scope candidate = new(scope);
                Assign(statement.Target, item, candidate);
                if (!Evaluator.IsTrue(_evaluator.Evaluate(condition, candidate)))
                {
                    continue;
                }
            }

            items.Add(item);
        }

        if (items.Count == 0)
        {
            Run(statement.Else, new Scope(scope));
            return;
        }

        LoopValue loop = new(new PyList(items), _loopDepth)
        {
            Recurse = !statement.Recursive ? null : (_, arguments) => Capture(() => Loop(statement, arguments.Required(0, "iterable"), scope)),
        };
        _loopDepth += statement.Recursive ? 1 : 0;
        for (; loop.Index < items.Count; loop.Index++)
        {
            Scope inner = new(scope);
            inner.Set("loop", loop);
            Assign(statement.Target, items[loop.Index], inner);
            if (Run(statement.Body, inner) == Flow.Break)
            {
                break;
            }
        }

        _loopDepth -= statement.Recursive ? 1 : 0;
    }

    private static void Assign(Expression target, object? value, Scope scope)
    {
        switch (target)
        {
            case Variable name:
                scope.Set(name.Name, value);
                break;
            case AttributeOf { Target: Variable owner } attribute:
                if (!scope.TryGet(owner.Name, out object? found) || found is not NamespaceValue ns)
                {
                    throw new TemplateException($"'{owner.Name}' is not a namespace, so its attributes cannot be set", target.Line);
                }

                ns.Attributes.Set(attribute.Name, value);
                break;
            case ListLiteral { IsTuple: true } tuple:
                List<object?> items = [.. Evaluator.Iterate(value)];
                if (items.Count != tuple.Items.Count)
                {
                    throw new TemplateException($"{items.Count} values cannot be given to {tuple.Items.Count} names", target.Line);
                }

                for (int i = 0; i < items.Count; i++)
                {
                    Assign(tuple.Items[i], items[i], scope);
                }

                break;
            default:
                throw new TemplateException("this cannot be assigned to", target.Line);
        }
    }

    private object? Filtered(IReadOnlyList<(string Name, CallArguments Arguments)> filters, object? value, Scope scope)
    {
        foreach ((string name, CallArguments arguments) in filters)
        {
            value = _evaluator.ApplyFilter(name, value, arguments, scope);
        }

        return value;
    }

    private string Capture(IReadOnlyList<Statement> body, Scope scope) => Capture(() => Run(body, scope));

    private string Capture(Action action)
    {
        StringBuilder outer = _output;
        _output = new StringBuilder();
        try
        {
            action();
            Budget.SpendText(_output.Length);
            return _output.ToString();
        }
        finally
        {
            _output = outer;
        }
    }

    private object? CallBlock(CallStatement statement, Scope scope)
    {
        Function caller = Macro(statement.Caller, scope);
        Call target = statement.Target;
        Arguments arguments = _evaluator.Evaluate(target.Arguments, "call", scope);
        object? macro = _evaluator.Evaluate(target.Target, scope);
        return Call(macro, new Arguments(arguments.Function, arguments.Positional, [.. arguments.Named, new("caller", caller)]), statement.Line);
    }

    // A macro sees the names around its definition, and its arguments; what it writes is its value.
    private Function Macro(MacroStatement macro, Scope definition) => (_, arguments) =>
    {
        Scope scope = new(definition);
        for (int i = 0; i < macro.Parameters.Count; i++)
        {
            (string name, Expression? defaultValue) = macro.Parameters[i];
            scope.Set(name, arguments.TryGet(i, name, out object? value) ? value
                : defaultValue is not null ? _evaluator.Evaluate(defaultValue, scope)
                : new Undefined($"parameter '{name}' was not provided"));
        }

        HashSet<string> known = [.. macro.Parameters.Select(static parameter => parameter.Name)];
        PyDict named = new();
        foreach ((string name, object? value) in arguments.Named)
        {
            if (name == "caller")
            {
                scope.Set(name, value);
            }
            else if (!known.Contains(name))
            {
                named.Set(name, value);
            }
        }

        scope.Set("varargs", new PyList([.. arguments.Positional.Skip(macro.Parameters.Count)], isTuple: true));
        scope.Set("kwargs", named);
        return Capture(macro.Body, scope);
    };
}
