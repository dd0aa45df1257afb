namespace Dynamo.Text.Templates.Jinja;

/// <summary>Filters over sequences.</summary>
internal static class SequenceFilters
{
    public static object? List(Interpreter interpreter, object? value, Arguments arguments) => Made(interpreter, Evaluator.Iterate(value));

    public static object? Join(Interpreter interpreter, object? value, Arguments arguments)
    {
        IEnumerable<object?> items = Evaluator.Iterate(value);
        if (arguments.Get(1, "attribute") is { } attribute)
        {
            items = items.Select(item => Path(item, attribute));
        }

        return StringMethods.Join(interpreter.Budget, PythonText.Str(arguments.Get(0, "d", "")), items);
    }

    public static object? Map(Interpreter interpreter, object? value, Arguments arguments)
    {
        // Over None, Jinja maps nothing.
        IEnumerable<object?> items = value is null ? [] : Evaluator.Iterate(value);
        if (arguments.Positional.Count == 0)
        {
            object? attribute = arguments.Required(0, "attribute");
            bool hasDefault = arguments.TryGet(int.MaxValue, "default", out object? defaultValue);
            return Made(interpreter, items.Select(item => Path(item, attribute) is var found && found is Undefined && hasDefault ? defaultValue : found));
        }

        string name = arguments.Text(0, "filter", "");
        FilterFunction filter = Filters.All.TryGetValue(name, out FilterFunction? known) ? known : throw new TemplateException($"there is no filter '{name}'");
        Arguments rest = arguments.Skip(1);
        return Made(interpreter, items.Select(item => filter(interpreter, item, rest)));
    }

    public static object? Select(Interpreter interpreter, object? value, Arguments arguments, bool keep)
    {
        IEnumerable<object?> items = value is null ? [] : Evaluator.Iterate(value);
        Func<object?, bool> test = Test(arguments, 0);
        return Made(interpreter, items.Where(item => test(item) == keep));
    }

    public static object? SelectAttribute(Interpreter interpreter, object? value, Arguments arguments, bool keep)
    {
        IEnumerable<object?> items = value is null ? [] : Evaluator.Iterate(value);
        object? attribute = arguments.Required(0, "attribute");
        Func<object?, bool> test = Test(arguments, 1);
        return Made(interpreter, items.Where(item => test(Path(item, attribute)) == keep));
    }

    public static object? Sort(Interpreter interpreter, object? value, Arguments arguments)
    {
        bool reverse = Evaluator.IsTrue(arguments.Get(0, "reverse", false));
        bool caseSensitive = Evaluator.IsTrue(arguments.Get(1, "case_sensitive", false));
        object? attribute = arguments.Get(2, "attribute");
        List<object?> items = [.. Evaluator.Iterate(value)];
        Comparer<object?> order = Comparer<object?>.Create(PythonEquality.Order);
        IEnumerable<object?> sorted = reverse
            ? items.OrderByDescending(Key, order)
            : items.OrderBy(Key, order);
        return Made(interpreter, sorted);

        object? Key(object? item) => Folded(attribute is null ? item : Path(item, attribute), caseSensitive);
    }

    public static object? DictSort(Interpreter interpreter, object? value, Arguments arguments)
    {
        PyDict dict = value as PyDict ?? throw Filters.Wrong("dictsort", value);
        bool caseSensitive = Evaluator.IsTrue(arguments.Get(0, "case_sensitive", false));
        string by = arguments.Text(1, "by", "key");
        bool reverse = Evaluator.IsTrue(arguments.Get(2, "reverse", false));
        Comparer<object?> order = Comparer<object?>.Create(PythonEquality.Order);
        Func<KeyValuePair<object?, object?>, object?> key = item => Folded(by == "value" ? item.Value : item.Key, caseSensitive);
        IEnumerable<KeyValuePair<object?, object?>> items = reverse ? dict.Items.OrderByDescending(key, order) : dict.Items.OrderBy(key, order);
        return Made(interpreter, items.Select(static item => (object?)new PyList([item.Key, item.Value], isTuple: true)));
    }

    public static object? Unique(Interpreter interpreter, object? value, Arguments arguments)
    {
        bool caseSensitive = Evaluator.IsTrue(arguments.Get(0, "case_sensitive", false));
        object? attribute = arguments.Get(1, "attribute");
        PyDict seen = new();
        List<object?> items = [];
        foreach (object? item in Evaluator.Iterate(value))
        {
            object? key = Folded(attribute is null ? item : Path(item, attribute), caseSensitive);
            if (!seen.TryGet(key, out _))
            {
                seen.Set(key, null);
                items.Add(item);
            }
        }

        return Made(interpreter, items);
    }

    public static object? GroupBy(Interpreter interpreter, object? value, Arguments arguments)
    {
        object? attribute = arguments.Required(0, "attribute");
        PyList sorted = (PyList)Sort(interpreter, value, new Arguments("sort", [], [new("attribute", attribute)]))!;
        List<object?> groups = [];
        List<object?> current = [];
        for (int i = 0; i < sorted.Items.Count; i++)
        {
            current.Add(sorted.Items[i]);
            object? key = Path(sorted.Items[i], attribute);
            if (i + 1 == sorted.Items.Count || !PythonEquality.AreEqual(Folded(key, false), Folded(Path(sorted.Items[i + 1], attribute), false)))
            {
                groups.Add(new PyList([Path(current[0], attribute), new PyList(current)], isTuple: true));
                current = [];
            }
        }

        return new PyList(groups);
    }

    public static object? Extreme(object? value, Arguments arguments, int sign)
    {
        bool caseSensitive = Evaluator.IsTrue(arguments.Get(0, "case_sensitive", false));
        object? attribute = arguments.Get(1, "attribute");
        object? best = new Undefined("the sequence is empty");
        object? bestKey = null;
        foreach (object? item in Evaluator.Iterate(value))
        {
            object? key = Folded(attribute is null ? item : Path(item, attribute), caseSensitive);
            if (best is Undefined || sign * PythonEquality.Order(key, bestKey) > 0)
            {
                (best, bestKey) = (item, key);
            }
        }

        return best;
    }

    public static object? Sum(Interpreter interpreter, object? value, Arguments arguments)
    {
        object? attribute = arguments.Get(0, "attribute");
        object? sum = arguments.Get(1, "start", 0L);
        foreach (object? item in Evaluator.Iterate(value))
        {
            sum = Arithmetic.Binary(interpreter.Budget, "+", sum, attribute is null ? item : Path(item, attribute));
        }

        return sum;
    }

    public static object? Batch(Interpreter interpreter, object? value, Arguments arguments)
    {
        int size = (int)Math.Clamp(arguments.Integer(0, "linecount", 1), 1, int.MaxValue);
        List<object?> lines = [];
        foreach (object?[] chunk in Evaluator.Iterate(value).Chunk(size))
        {
            List<object?> line = [.. chunk];
            if (arguments.Get(1, "fill_with") is { } fill)
            {
                interpreter.Budget.Spend(size);
                line.AddRange(Enumerable.Repeat<object?>(fill, size - line.Count));
            }

            lines.Add(new PyList(line));
        }

        return Made(interpreter, lines);
    }

    public static object? Columns(Interpreter interpreter, object? value, Arguments arguments)
    {
        List<object?> items = [.. Evaluator.Iterate(value)];
        int count = (int)Math.Clamp(arguments.Integer(0, "slices", 1), 1, 100_000);
        interpreter.Budget.Spend(count);
        (int each, int longer) = Math.DivRem(items.Count, count);
        List<object?> slices = [];
        for (int i = 0, at = 0; i < count; i++)
        {
            int size = each + (i < longer ? 1 : 0);
            List<object?> slice = items.GetRange(at, size);
            at += size;
            if (i >= longer && longer > 0 && arguments.Get(1, "fill_with") is { } fill)
            {
                slice.Add(fill);
            }

            slices.Add(new PyList(slice));
        }

        return Made(interpreter, slices);
    }

    /// <summary>An attribute by dotted path, or an item by number.</summary>
    private static object? Path(object? item, object? attribute)
    {
        if (attribute is not string path)
        {
            return Members.Item(item, attribute);
        }

        foreach (string part in path.Split('.'))
        {
            item = long.TryParse(part, out long index) ? Members.Item(item, index) : Members.Item(item, part);
        }

        return item;
    }

    private static Func<object?, bool> Test(Arguments arguments, int at)
    {
        if (arguments.Positional.Count <= at)
        {
            return Evaluator.IsTrue;
        }

        string name = arguments.Text(at, "test", "");
        Arguments rest = arguments.Skip(at + 1);
        return Tests.All.TryGetValue(name, out TestFunction? test) ? item => test(item, rest) : throw new TemplateException($"there is no test '{name}'");
    }

    private static object? Folded(object? value, bool caseSensitive) => !caseSensitive && value is string text ? text.ToLowerInvariant() : value;

    private static PyList Made(Interpreter interpreter, IEnumerable<object?> items)
    {
        List<object?> list = [.. items];
        interpreter.Budget.Spend(list.Count);
        return new PyList(list);
    }
}
