namespace Dynamo.Text.Templates.Jinja;

/// <summary>Filters over sequences. Those that Jinja makes generators of are lazy here too.</summary>
internal static class SequenceFilters
{
    public static object? First(Interpreter interpreter, object? value, Arguments arguments)
    {
        foreach (object? item in Iteration.Over(interpreter.Budget, value))
        {
            return item;
        }

        return new Undefined("the sequence is empty");
    }

    public static object? Last(Interpreter interpreter, object? value, Arguments arguments)
    {
        List<object?> items = value is PyIterator ? throw Filters.Wrong("last", value) : Iteration.List(interpreter.Budget, value);
        return items.Count > 0 ? items[^1] : new Undefined("the sequence is empty");
    }

    public static object? Reverse(Interpreter interpreter, object? value, Arguments arguments)
    {
        List<object?> items = Iteration.List(interpreter.Budget, value);
        items.Reverse();
        return value is string ? string.Concat(items) : value is PyIterator ? new PyList(items) : new PyIterator(items);
    }

    public static object? Join(Interpreter interpreter, object? value, Arguments arguments)
    {
        Budget budget = interpreter.Budget;
        IEnumerable<object?> items = Iteration.Over(budget, value);
        if (arguments.Get(1, "attribute") is { } attribute)
        {
            ItemPath path = new(attribute);
            items = items.Select(item => path.Get(item));
        }

        return StringMethods.Join(budget, PythonText.Str(budget, arguments.Get(0, "d", "")), items.Select(item => PythonText.Str(budget, item)));
    }

    public static object? Map(Interpreter interpreter, object? value, Arguments arguments)
    {
        if (arguments.Positional.Count == 0)
        {
            ItemPath path = new(arguments.Required(0, "attribute"), arguments.Get(int.MaxValue, "default"));
            return Lazy(interpreter, value, items => items.Select(item => path.Get(item)));
        }

        string name = arguments.RequiredText(0, "filter");
        FilterFunction filter = Filters.All.TryGetValue(name, out FilterFunction? known) ? known : throw new TemplateException($"there is no filter '{name}'");
        Arguments rest = new(name, [.. arguments.Positional.Skip(1)], arguments.Named);
        return Lazy(interpreter, value, items => items.Select(item => Filters.Apply(interpreter, filter, item, rest)));
    }

    public static object? Select(Interpreter interpreter, object? value, Arguments arguments, bool keep)
    {
        Func<object?, bool> test = Test(interpreter, arguments, 0);
        return Lazy(interpreter, value, items => items.Where(item => test(item) == keep));
    }

    public static object? SelectAttribute(Interpreter interpreter, object? value, Arguments arguments, bool keep)
    {
        ItemPath path = new(arguments.Required(0, "attribute"));
        Func<object?, bool> test = Test(interpreter, arguments, 1);
        return Lazy(interpreter, value, items => items.Where(item => test(path.Get(item)) == keep));
    }

    public static object? Sort(Interpreter interpreter, object? value, Arguments arguments)
    {
        bool caseSensitive = arguments.Flag(1, "case_sensitive");
        ItemPath[] paths = ItemPath.Several(arguments.Get(2, "attribute"));
        return new PyList(Sorting.Stable(interpreter.Budget, Iteration.Over(interpreter.Budget, value), Key, arguments.Flag(0, "reverse")));

        object? Key(object? item) => paths.Length switch
        {
            0 => Folded(interpreter.Budget, item, caseSensitive),
            1 => Folded(interpreter.Budget, paths[0].Get(item), caseSensitive),
            _ => new PyList(Array.ConvertAll(paths, path => Folded(interpreter.Budget, path.Get(item), caseSensitive))),
        };
    }

    public static object? DictSort(Interpreter interpreter, object? value, Arguments arguments)
    {
        PyDict dict = value as PyDict ?? throw Filters.Wrong("dictsort", value);
        bool caseSensitive = arguments.Flag(0, "case_sensitive");
        string by = arguments.Text(1, "by", "key");
        if (by is not ("key" or "value"))
        {
            throw new TemplateException($"dictsort(): by must be key or value, is '{by}'");
        }

        List<KeyValuePair<object?, object?>> items =
            Sorting.Stable(interpreter.Budget, dict.Items, item => Folded(interpreter.Budget, by == "value" ? item.Value : item.Key, caseSensitive), arguments.Flag(2, "reverse"));
        return new PyList(items.ConvertAll(static item => (object?)PyList.Tuple(item.Key, item.Value)));
    }

    public static object? Unique(Interpreter interpreter, object? value, Arguments arguments)
    {
        bool caseSensitive = arguments.Flag(0, "case_sensitive");
        ItemPath? path = arguments.Get(1, "attribute") is { } attribute ? new ItemPath(attribute) : null;
        return new PyIterator(Distinct());

        IEnumerable<object?> Distinct()
        {
            HashSet<object> seen = new(KeyComparer.Instance);
            foreach (object? item in Iteration.Over(interpreter.Budget, value))
            {
                if (seen.Add(KeyComparer.Wrap(Folded(interpreter.Budget, path is null ? item : path.Get(item), caseSensitive))))
                {
                    yield return item;
                }
            }
        }
    }

    public static object? GroupBy(Interpreter interpreter, object? value, Arguments arguments)
    {
        Budget budget = interpreter.Budget;
        ItemPath path = new(arguments.Required(0, "attribute"), arguments.Get(1, "default"));
        bool caseSensitive = arguments.Flag(2, "case_sensitive");
        List<object?> sorted = Sorting.Stable(budget, Iteration.Over(budget, value), Key, reverse: false);
        List<object?> groups = [];
        for (int start = 0, end; start < sorted.Count; start = end)
        {
            for (end = start + 1; end < sorted.Count && PythonEquality.AreEqual(budget, Key(sorted[start]), Key(sorted[end])); end++)
            {
            }

            groups.Add(new PyGroup(path.Get(sorted[start]), new PyList(sorted.GetRange(start, end - start))));
        }

        return new PyList(groups);

        object? Key(object? item) => Folded(interpreter.Budget, path.Get(item), caseSensitive);
    }

    public static object? Extreme(Interpreter interpreter, object? value, Arguments arguments, int sign)
    {
        bool caseSensitive = arguments.Flag(0, "case_sensitive");
        ItemPath? path = arguments.Get(1, "attribute") is { } attribute ? new ItemPath(attribute) : null;
        object? best = null;
        object? bestKey = null;
        bool any = false;
        foreach (object? item in Iteration.Over(interpreter.Budget, value))
        {
            object? key = Folded(interpreter.Budget, path is null ? item : path.Get(item), caseSensitive);
            if (!any || sign * PythonEquality.Order(interpreter.Budget, key, bestKey) > 0)
            {
                (best, bestKey, any) = (item, key, true);
            }
        }

        return any ? best : new Undefined("the sequence is empty");
    }

    public static object? Sum(Interpreter interpreter, object? value, Arguments arguments)
    {
        ItemPath? path = arguments.Get(0, "attribute") is { } attribute ? new ItemPath(attribute) : null;
        object? sum = arguments.Get(1, "start", 0L);
        foreach (object? item in Iteration.Over(interpreter.Budget, value))
        {
            sum = Arithmetic.Binary(interpreter.Budget, "+", sum, path is null ? item : path.Get(item));
        }

        return sum;
    }

    public static object? Batch(Interpreter interpreter, object? value, Arguments arguments)
    {
        arguments.Required(0, "linecount");
        int size = (int)Math.Clamp(arguments.Integer(0, "linecount", 1), 1, int.MaxValue);
        object? fill = arguments.Get(1, "fill_with");
        List<object?> lines = [];
        foreach (object?[] chunk in Iteration.Over(interpreter.Budget, value).Chunk(size))
        {
            List<object?> line = [.. chunk];
            if (fill is not null)
            {
                interpreter.Budget.Spend(size - line.Count);
                line.AddRange(Enumerable.Repeat<object?>(fill, size - line.Count));
            }

            lines.Add(new PyList(line));
        }

        return new PyIterator(lines);
    }

    public static object? Columns(Interpreter interpreter, object? value, Arguments arguments)
    {
        arguments.Required(0, "slices");
        long count = arguments.Integer(0, "slices", 1);
        interpreter.Budget.Spend(Math.Max(0, count));
        object? fill = arguments.Get(1, "fill_with");
        List<object?> items = Iteration.List(interpreter.Budget, value);
        (long each, long longer) = count > 0 ? Math.DivRem(items.Count, count) : throw new TemplateException("slice() needs at least one slice");
        List<object?> slices = [];
        for (int i = 0, at = 0; i < count; i++)
        {
            int size = (int)each + (i < longer ? 1 : 0);
            List<object?> slice = items.GetRange(at, size);
            at += size;
            if (i >= longer && fill is not null)
            {
                slice.Add(fill);
            }

            slices.Add(new PyList(slice));
        }

        return new PyIterator(slices);
    }

    // Over what is false (None, nothing) Jinja's generators yield nothing.
    private static PyIterator Lazy(Interpreter interpreter, object? value, Func<IEnumerable<object?>, IEnumerable<object?>> items) =>
        new(Evaluator.IsTrue(value) ? items(Iteration.Over(interpreter.Budget, value)) : []);

    private static Func<object?, bool> Test(Interpreter interpreter, Arguments arguments, int at)
    {
        if (arguments.Positional.Count <= at)
        {
            return Evaluator.IsTrue;
        }

        string name = arguments.RequiredText(at, "test");
        Arguments rest = new(name, [.. arguments.Positional.Skip(at + 1)], arguments.Named);
        return Tests.All.TryGetValue(name, out TestFunction? test) ? item => test(interpreter, item, rest) : throw new TemplateException($"there is no test '{name}'");
    }

    private static object? Folded(Budget budget, object? value, bool caseSensitive) => !caseSensitive && value is string text ? PythonCase.Lower(budget, text) : value;
}
