using System.Runtime.CompilerServices;
using System.Text;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>Runs statements. One rendering, one thread.</summary>
internal sealed class Interpreter
{
    private readonly Evaluator _evaluator;
    private StringBuilder _output = new();
    private int _callDepth;
    private Scope _top = Globals.Scope;

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

        interpreter._top = new Scope(globals);
        interpreter.Run(template, interpreter._top);
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
                Write(PythonText.Str(Budget, _evaluator.Evaluate(output.Value, scope)));
                return Flow.Next;
            case PrintStatement print:
                foreach (Expression value in print.Values)
                {
                    Write(PythonText.Str(Budget, _evaluator.Evaluate(value, scope)));
                }

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
                return Captured(set.Body, set.Filters, scope, value => Assign(set.Target, value, scope));
            case FilterStatement filter:
                return Captured(filter.Body, filter.Filters, scope, value => Write(PythonText.Str(Budget, value)));
            case MacroStatement macro:
                scope.Set(macro.Name, Macro(macro, scope));
                return Flow.Next;
            case CallStatement call:
                Write(PythonText.Str(Budget, CallBlock(call, scope)));
                return Flow.Next;
            case WithStatement with:
                Scope inner = new(scope);
                foreach ((Expression target, Expression bound) in with.Bindings)
                {
                    Assign(target, _evaluator.Evaluate(bound, scope), inner);
                }

                return Run(with.Body, inner);
            case ScopeStatement block:
                return Run(block.Body, new Scope(scope));
            case BlockStatement block:
                // A block sees the template's own names; those of a loop around it only when it says so.
                return Run(block.Body, new Scope(block.Scoped ? scope : _top));
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
        Budget.SpendText(text.Length);
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

    private void For(ForStatement statement, Scope scope) => Loop(statement, _evaluator.Evaluate(statement.Items, scope), scope, depth: 0);

    private void Loop(ForStatement statement, object? source, Scope scope, int depth)
    {
        List<object?> items = [];
        foreach (object? item in Iteration.Over(Budget, source))
        {
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

        LoopValue loop = new(new PyList(items), depth)
        {
            Recurse = !statement.Recursive ? null : (_, arguments) => Captured(() => Loop(statement, arguments.Required(0, "iterable"), scope, depth + 1)),
        };

        // As in Jinja, 'else' is for loops of which no turn came to its end: one that broke off in its first turn counts, too.
        bool anyEnded = false;
        for (; loop.Index < items.Count; loop.Index++)
        {
            Scope inner = new(scope);
            inner.Set("loop", loop);
            Assign(statement.Target, items[loop.Index], inner);
            Flow flow = Run(statement.Body, inner);
            anyEnded |= flow == Flow.Next;
            if (flow == Flow.Break)
            {
                break;
            }
        }

        if (!anyEnded)
        {
            Run(statement.Else, new Scope(scope));
        }
    }

    private void Assign(Expression target, object? value, Scope scope)
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
                List<object?> items = Iteration.List(Budget, value);
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

    // Runs a body and hands what it wrote to somebody, unless the body leaves its loop before its end.
    private Flow Captured(IReadOnlyList<Statement> body, IReadOnlyList<(string Name, CallArguments Arguments)> filters, Scope scope, Action<object?> receive)
    {
        Flow flow = Flow.Next;
        object? value = Captured(() => flow = Run(body, new Scope(scope)));
        if (flow != Flow.Next)
        {
            return flow;
        }

        foreach ((string name, CallArguments arguments) in filters)
        {
            value = _evaluator.ApplyFilter(name, value, arguments, scope);
        }

        receive(value);
        return Flow.Next;
    }

    private string Captured(Action action)
    {
        StringBuilder outer = _output;
        _output = new StringBuilder();
        try
        {
            action();
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
        Dictionary<string, object?> named = new(StringComparer.Ordinal);
        foreach ((string name, object? value) in arguments.Named)
        {
            named[name] = value;
        }

        for (int i = 0; i < macro.Parameters.Count; i++)
        {
            (string name, Expression? defaultValue) = macro.Parameters[i];
            scope.Set(name, i < arguments.Positional.Count ? arguments.Positional[i]
                : named.Remove(name, out object? value) ? value
                : defaultValue is not null ? _evaluator.Evaluate(defaultValue, scope)
                : new Undefined($"parameter '{name}' was not provided"));
        }

        if (macro.UsesCaller)
        {
            scope.Set("caller", named.Remove("caller", out object? caller) ? caller : new Undefined("no caller was given"));
        }

        if (named.Count > 0 && !macro.UsesKwargs)
        {
            throw new TemplateException($"macro '{macro.Name}' takes no argument '{named.Keys.First()}'");
        }

        if (arguments.Positional.Count > macro.Parameters.Count && !macro.UsesVarargs)
        {
            throw new TemplateException($"macro '{macro.Name}' takes at most {macro.Parameters.Count} arguments");
        }

        PyDict rest = new();
        foreach ((string name, object? value) in named)
        {
            rest.Set(name, value);
        }

        scope.Set("varargs", PyList.Tuple([.. arguments.Positional.Skip(macro.Parameters.Count)]));
        scope.Set("kwargs", rest);
        return Captured(() => Run(macro.Body, scope));
    };
}
