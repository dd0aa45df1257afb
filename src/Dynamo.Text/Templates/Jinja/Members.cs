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
            case LoopValue loop:
                return loop.Attribute(name);
            case NamespaceValue ns:
                return ns.Attributes.TryGet(name, out object? set) ? set : new Undefined($"the namespace has no attribute '{name}'");
            case string text when StringMethods.Find(text, name) is { } method:
                return method;
            case PyList list when CollectionMethods.Find(list, name) is { } method:
                return method;
            case PyDict dict when CollectionMethods.Find(dict, name) is { } method:
                return method;
            case PyDict dict when dict.TryGet(name, out object? item):
                return item;
            default:
                return new Undefined($"a {PythonText.TypeName(value)} has no attribute '{name}'");
        }
    }

    /// <summary><c>value[index]</c>: an item first, then an attribute.</summary>
    public static object? Item(object? value, object? index)
    {
        switch (value)
        {
            case Undefined missing:
                throw new TemplateException($"{missing.Description}, so it has no items");
            case PyDict dict:
                return dict.TryGet(index, out object? item) ? item
                    : index is string name && CollectionMethods.Find(dict, name) is { } method ? method
                    : new Undefined($"the dict has no key {PythonText.Repr(index)}");
            case PyList list when index is long or bool:
                return At(list.Items, index is bool flag ? (flag ? 1 : 0) : (long)index) is { } found ? found.Value : new Undefined($"the list has no item {index}");
            case string text when index is long at:
                string[] characters = [.. text.EnumerateRunes().Select(static rune => rune.ToString())];
                return At(characters, at) is { } character ? character.Value : new Undefined($"the string has no item {at}");
            default:
                return index is string attribute ? Attribute(value, attribute) : new Undefined($"a {PythonText.TypeName(value)} has no item {PythonText.Repr(index)}");
        }
    }

    /// <summary><c>value[start:stop:step]</c>.</summary>
    public static object? Slice(object? value, long? start, long? stop, long? step)
    {
        switch (value)
        {
            case string text:
                string[] characters = [.. text.EnumerateRunes().Select(static rune => rune.ToString())];
                return string.Concat(Slice(characters, start, stop, step ?? 1));
            case PyList list:
                return new PyList(Slice(list.Items, start, stop, step ?? 1), list.IsTuple);
            case Undefined missing:
                throw new TemplateException($"{missing.Description}, so it cannot be sliced");
            default:
                throw new TemplateException($"a {PythonText.TypeName(value)} cannot be sliced");
        }
    }

    /// <summary><c>item in container</c>.</summary>
    public static bool Contains(object? container, object? item) => container switch
    {
        string text when item is string part => text.Contains(part, StringComparison.Ordinal),
        string => throw new TemplateException($"'in <string>' needs a string, not a {PythonText.TypeName(item)}"),
        PyDict dict => dict.TryGet(item, out _),
        PyList list => list.Items.Any(other => PythonEquality.AreEqual(other, item)),
        Undefined => false,
        _ => throw new TemplateException($"a {PythonText.TypeName(container)} has no items to look in"),
    };

    private static (T Value, bool)? At<T>(IReadOnlyList<T> items, long index)
    {
        index += index < 0 ? items.Count : 0;
        return index >= 0 && index < items.Count ? (items[(int)index], true) : null;
    }

    private static List<T> Slice<T>(IReadOnlyList<T> items, long? start, long? stop, long step)
    {
        if (step == 0)
        {
            throw new TemplateException("a slice's step cannot be 0");
        }

        long count = items.Count;
        long low = step > 0 ? 0 : -1;
        long high = step > 0 ? count : count - 1;
        long first = start is { } s ? Clamp(s, count, low, high) : step > 0 ? low : high;
        long last = stop is { } e ? Clamp(e, count, low, high) : step > 0 ? high : low;
        List<T> result = [];
        for (long i = first; step > 0 ? i < last : i > last; i += step)
        {
            result.Add(items[(int)i]);
            if (step > 0 ? i > count - step : i < -step - 1)
            {
                break;
            }
        }

        return result;
    }

    private static long Clamp(long index, long count, long low, long high) => Math.Clamp(index < 0 ? index + count : index, low, high);
}
