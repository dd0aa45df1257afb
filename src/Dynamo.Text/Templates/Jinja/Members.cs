namespace Dynamo.Text.Templates.Jinja;

/// <summary>Attributes, items, slices and membership of values.</summary>
internal static class Members
{
    /// <summary><c>value.name</c>: a method or attribute first, then an item.</summary>
    public static object? Attribute(object? value, string name)
    {
        switch (value)
        {
            case Undefined missing:
                throw new TemplateException($"{missing.Description}, so it has no attribute '{name}'");
            case PyDict dict when CollectionMethods.Find(dict, name) is null && dict.TryGet(name, out object? item):
                return item;
            default:
                return OwnAttribute(value, name);
        }
    }

    /// <summary><c>value|attr(name)</c>: a method or attribute, never an item.</summary>
    public static object? OwnAttribute(object? value, string name)
    {
        switch (value)
        {
            case LoopValue loop:
                return loop.Attribute(name);

            // Names with an underscore are private to Python, so its sandbox hides them.
            case NamespaceValue ns when !name.StartsWith('_') && ns.Attributes.TryGet(name, out object? set):
                return set;
            case PyGroup group when name is "grouper" or "list":
                return name == "grouper" ? group.Grouper : group.List;
            case Markup markup when StringMethods.Find(markup.Text, name) is { } method:
                return (Function)((interpreter, arguments) => Marked(method(interpreter, arguments)));
        }

        Function? own = value switch
        {
            string text => StringMethods.Find(text, name),
            PyList list => CollectionMethods.Find(list, name),
            PyDict dict => CollectionMethods.Find(dict, name),
            _ => null,
        };
        return own ?? (object)new Undefined($"a {PythonText.TypeName(value)} has no attribute '{name}'");
    }

    /// <summary><c>value[index]</c>: an item first, then an attribute.</summary>
    public static object? Item(object? value, object? index)
    {
        switch (value)
        {
            case Undefined missing:
                throw new TemplateException($"{missing.Description}, so it has no items");
            case PyDict dict when index is PyDict or PyList { IsTuple: false } or NamespaceValue:
                return new Undefined($"a {PythonText.TypeName(index)} cannot be a key of a dict");
            case PyDict dict when dict.TryGet(index, out object? item):
                return item;
            case PyList { HasPlaces: true } list when index is long or bool:
                long place = index is bool flag ? (flag ? 1 : 0) : (long)index;
                place += place < 0 ? list.Items.Count : 0;
                return place >= 0 && place < list.Items.Count ? list.Items[(int)place] : new Undefined($"the list has no item {index}");
            case string text when index is long at:
                return Character(text, at) ?? (object)new Undefined($"the string has no item {at}");
            case Markup markup when index is long at:
                return Marked(Character(markup.Text, at)) ?? new Undefined($"the string has no item {at}");
            default:
                string? name = index as string ?? (index as Markup)?.Text;
                return name is not null ? OwnAttribute(value, name) : new Undefined($"a {PythonText.TypeName(value)} has no such item");
        }
    }

    /// <summary><c>value[start:stop:step]</c>; bounds are integers or None.</summary>
    public static object? Slice(Budget budget, object? value, object? start, object? stop, object? step)
    {
        bool isSliceable = value is string or Markup or PyList { HasPlaces: true };
        if (!isSliceable || !IsBound(start) || !IsBound(stop) || !IsBound(step))
        {
            throw new TemplateException(value is Undefined missing ? $"{missing.Description}, so it cannot be sliced"
                : isSliceable ? "a slice needs integers"
                : $"a {PythonText.TypeName(value)} cannot be sliced");
        }

        switch (value)
        {
            case string text:
                budget.SpendText(text.Length);
                return Text(text, Bounds(start, stop, step, CodePoints.Count(text)));
            case Markup markup:
                budget.SpendText(markup.Text.Length);
                return new Markup(Text(markup.Text, Bounds(start, stop, step, CodePoints.Count(markup.Text))));
            default:
                PyList list = (PyList)value!;
                (long First, long Step, long Count) bounds = Bounds(start, stop, step, list.Items.Count);
                budget.Spend(bounds.Count);
                List<object?> items = [];
                for (long i = 0; i < bounds.Count; i++)
                {
                    items.Add(list.Items[(int)(bounds.First + (i * bounds.Step))]);
                }

                return list is PyRange range
                    ? new PyRange(range.Start + (bounds.First * range.Step), range.Start + ((bounds.First + (bounds.Count * bounds.Step)) * range.Step), range.Step * bounds.Step, items)
                    : new PyList(items, list.Kind);
        }
    }

    /// <summary><c>item in container</c>.</summary>
    public static bool Contains(Budget budget, object? container, object? item)
    {
        switch (container)
        {
            case string or Markup:
                string text = PythonText.Str(budget, container);
                budget.SpendReading(text.Length);
                return item is string or Markup
                    ? text.Contains(PythonText.Str(budget, item), StringComparison.Ordinal)
                    : throw new TemplateException($"'in <string>' needs a string, not a {PythonText.TypeName(item)}");
            case PyDict dict:
                budget.SpendReading((item as string)?.Length ?? 0);
                return dict.TryGet(item, out _);
            case PyList or PyIterator:
                return Iteration.Over(budget, container).Any(other => PythonEquality.AreEqual(budget, other, item));
            case Undefined:
                return false;
            default:
                throw new TemplateException($"a {PythonText.TypeName(container)} has no items to look in");
        }
    }

    private static object? Marked(object? value) => value switch
    {
        string text => new Markup(text),
        PyList { IsPlain: true } list => new PyList(list.Items.Select(Marked).ToList(), list.Kind),
        _ => value,
    };

    private static bool IsBound(object? value) => value is null or long or bool;

    private static string? Character(string text, long at)
    {
        int count = CodePoints.Count(text);
        at += at < 0 ? count : 0;
        if (at < 0 || at >= count)
        {
            return null;
        }

        int start = CodePoints.Offset(text, at);
        return text.Substring(start, char.IsHighSurrogate(text[start]) && start + 1 < text.Length ? 2 : 1);
    }

    private static string Text(string text, (long First, long Step, long Count) bounds)
    {
        if (bounds.Step == 1 || bounds.Count == 0)
        {
            return bounds.Count == 0 ? "" : text[CodePoints.Offset(text, bounds.First)..CodePoints.Offset(text, bounds.First + bounds.Count)];
        }

        string[]? characters = CodePoints.Count(text) == text.Length ? null : CodePoints.Split(text);
        System.Text.StringBuilder output = new();
        for (long i = 0; i < bounds.Count; i++)
        {
            int at = (int)(bounds.First + (i * bounds.Step));
            _ = characters is null ? output.Append(text[at]) : output.Append(characters[at]);
        }

        return output.ToString();
    }

    // The first place, the distance, and how many there are.
    private static (long First, long Step, long Count) Bounds(object? start, object? stop, object? step, long count)
    {
        long by = Bound(step) ?? 1;
        if (by == 0)
        {
            throw new TemplateException("a slice's step cannot be 0");
        }

        (long low, long high) = by > 0 ? (0L, count) : (-1L, count - 1);
        long first = Clamp(Bound(start), by > 0 ? low : high);
        long last = Clamp(Bound(stop), by > 0 ? high : low);
        long distance = by > 0 ? last - first : first - last;
        return (first, by, distance <= 0 ? 0 : (long)Math.Ceiling((decimal)distance / Math.Abs((decimal)by)));

        long Clamp(long? bound, long missing) => bound is not { } index ? missing : Math.Clamp(index < 0 ? index + count : index, low, high);
    }

    private static long? Bound(object? value) => value switch
    {
        long integer => integer,
        bool flag => flag ? 1 : 0,
        _ => null,
    };
}
