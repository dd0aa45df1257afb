using System.Runtime.CompilerServices;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>What Python calls a sequence of known length.</summary>
internal enum ListKind
{
    /// <summary>list</summary>
    List,

    /// <summary>tuple</summary>
    Tuple,

    /// <summary>range</summary>
    Range,

    /// <summary>dict_keys: has a length, but no places.</summary>
    Keys,

    /// <summary>dict_values</summary>
    Values,

    /// <summary>dict_items</summary>
    Items,
}

/// <summary>A list, tuple, range or view of a dict. Templates cannot change one they were given.</summary>
internal class PyList(IReadOnlyList<object?> items, ListKind kind = ListKind.List)
{
    public IReadOnlyList<object?> Items { get; } = items;

    public ListKind Kind { get; } = kind;

    public bool IsTuple => Kind == ListKind.Tuple;

    /// <summary>A list or tuple: what JSON can hold and what + and * join.</summary>
    public bool IsPlain => Kind is ListKind.List or ListKind.Tuple;

    /// <summary>Whether items have places.</summary>
    public bool HasPlaces => Kind is ListKind.List or ListKind.Tuple or ListKind.Range;

    public static PyList Tuple(params IReadOnlyList<object?> items) => new(items, ListKind.Tuple);
}

/// <summary>Numbers with a fixed distance.</summary>
internal sealed class PyRange(long start, long stop, long step, IReadOnlyList<object?> items) : PyList(items, ListKind.Range)
{
    public long Start { get; } = start;

    public long Stop { get; } = stop;

    public long Step { get; } = step;
}

/// <summary>A pair that the filter groupby makes.</summary>
internal sealed class PyGroup(object? grouper, PyList list) : PyList([grouper, list], ListKind.Tuple)
{
    public object? Grouper => Items[0];

    public object? List => Items[1];
}

/// <summary>What lazy filters (map, select, …) give: can be gone through once, is true even when empty, and has no length.</summary>
internal sealed class PyIterator(IEnumerable<object?> source)
{
    private readonly IEnumerator<object?> _items = source.GetEnumerator();

    /// <summary>What nobody has taken yet.</summary>
    public IEnumerable<object?> Rest()
    {
        while (_items.MoveNext())
        {
            yield return _items.Current;
        }
    }
}

/// <summary>Goes through values.</summary>
internal static class Iteration
{
    /// <summary>The items that a loop over a value sees. Each costs a step.</summary>
    /// <exception cref="TemplateException">The value cannot be gone through.</exception>
    public static IEnumerable<object?> Over(Budget budget, object? value)
    {
        IEnumerable<object?> items = value switch
        {
            PyList list => list.Items,
            PyDict dict => dict.Items.Select(static item => item.Key),
            string text => text.EnumerateRunes().Select(static rune => (object?)rune.ToString()),
            Markup markup => markup.Text.EnumerateRunes().Select(static rune => (object?)rune.ToString()),
            PyIterator iterator => iterator.Rest(),
            LoopValue loop => loop.Items.Items,
            Undefined => [],
            _ => throw new TemplateException($"a {PythonText.TypeName(value)} cannot be iterated"),
        };
        return Counted(budget, items);
    }

    /// <summary>All items, as a list.</summary>
    public static List<object?> List(Budget budget, object? value) => [.. Over(budget, value)];

    // Iterators may read from iterators that read from iterators: the stack is watched before going on to the next.
    private static IEnumerable<object?> Counted(Budget budget, IEnumerable<object?> items)
    {
        using IEnumerator<object?> enumerator = items.GetEnumerator();
        while (true)
        {
            if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            {
                throw new TemplateException("iterators are nested too deeply");
            }

            if (!enumerator.MoveNext())
            {
                yield break;
            }

            budget.Spend(1);
            yield return enumerator.Current;
        }
    }
}
