namespace Dynamo.Text.Templates.Jinja;

/// <summary>Functions that every template has: Jinja's, and those that transformers adds.</summary>
internal static class Globals
{
    // Jinja's sandbox has the same bound.
    private const long MaxRange = 100_000;

    public static readonly Scope Scope = Build();

    private static Scope Build()
    {
        Scope scope = new(null);
        scope.Set("range", (Function)Range);
        scope.Set("namespace", (Function)Namespace);
        scope.Set("dict", (Function)Dict);
        scope.Set("raise_exception", (Function)((interpreter, arguments) => throw new TemplateException(PythonText.Str(interpreter.Budget, arguments.Required(0, "message")))));
        scope.Set("strftime_now", (Function)((interpreter, arguments) => Strftime.Format(interpreter.Budget, interpreter.Time.GetLocalNow(), arguments.RequiredText(0, "format"))));
        scope.Set("joiner", (Function)Joiner);
        scope.Set("cycler", (Function)Cycler);
        return scope;
    }

    private static PyRange Range(Interpreter interpreter, Arguments arguments)
    {
        arguments.Required(0, "stop");
        long first = arguments.Integer(0, "start", 0);
        (long start, long stop) = arguments.Positional.Count > 1 ? (first, arguments.Integer(1, "stop", 0)) : (0, first);
        long step = arguments.Integer(2, "step", 1);
        if (step == 0)
        {
            throw new TemplateException("range(): the step cannot be 0");
        }

        decimal count = step > 0 ? Math.Ceiling(((decimal)stop - start) / step) : Math.Ceiling(((decimal)start - stop) / -(decimal)step);
        if (count > MaxRange)
        {
            throw new TemplateException($"range(): at most {MaxRange} numbers");
        }

        List<object?> numbers = [];
        for (int i = 0; i < count; i++)
        {
            numbers.Add(start + (i * step));
        }

        interpreter.Budget.Spend(numbers.Count);
        return new PyRange(start, stop, step, numbers);
    }

    private static NamespaceValue Namespace(Interpreter interpreter, Arguments arguments)
    {
        NamespaceValue ns = new();
        foreach ((object? key, object? value) in Dict(interpreter, arguments).Items)
        {
            ns.Attributes.Set(key, value);
        }

        return ns;
    }

    private static PyDict Dict(Interpreter interpreter, Arguments arguments)
    {
        PyDict dict = new();
        if (arguments.Positional.Count > 0)
        {
            if (arguments.Positional[0] is PyDict source)
            {
                interpreter.Budget.Spend(source.Count);
                foreach ((object? key, object? value) in source.Items)
                {
                    dict.Set(key, value);
                }
            }
            else
            {
                foreach (object? pair in Iteration.Over(interpreter.Budget, arguments.Positional[0]))
                {
                    List<object?> items = Iteration.List(interpreter.Budget, pair);
                    dict.Set(items.Count == 2 ? items[0] : throw new TemplateException("dict() needs pairs"), items[1]);
                }
            }
        }

        foreach ((string name, object? value) in arguments.Named)
        {
            dict.Set(name, value);
        }

        return dict;
    }

    private static Function Joiner(Interpreter interpreter, Arguments arguments)
    {
        string separator = arguments.Text(0, "sep", ", ");
        bool used = false;
        return (_, _) =>
        {
            string result = used ? separator : "";
            used = true;
            return result;
        };
    }

    private static NamespaceValue Cycler(Interpreter interpreter, Arguments arguments)
    {
        IReadOnlyList<object?> items = arguments.Positional.Count > 0 ? arguments.Positional : throw new TemplateException("cycler() needs items");
        NamespaceValue cycler = new();
        int at = 0;
        cycler.Attributes.Set("current", items[0]);
        cycler.Attributes.Set("next", (Function)((_, _) =>
        {
            object? item = items[at];
            at = (at + 1) % items.Count;
            cycler.Attributes.Set("current", items[at]);
            return item;
        }));
        cycler.Attributes.Set("reset", (Function)((_, _) =>
        {
            at = 0;
            cycler.Attributes.Set("current", items[0]);
            return null;
        }));
        return cycler;
    }
}
