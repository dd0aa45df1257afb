using System.Diagnostics.CodeAnalysis;

namespace Dynamo.Text.Templates.Jinja;

// What a template works on: null (None), bool, long, double, string, PyList, PyDict, and the types below.

/// <summary>A name or attribute that is not there. Prints as nothing, is false and empty; anything else with it is an error.</summary>
internal sealed class Undefined(string description)
{
    /// <summary>What is missing, for messages.</summary>
    public string Description { get; } = description;
}

/// <summary>A list or tuple. Templates cannot change one they were given.</summary>
internal sealed class PyList(IReadOnlyList<object?> items, bool isTuple = false)
{
    public IReadOnlyList<object?> Items { get; } = items;

    public bool IsTuple { get; } = isTuple;
}

/// <summary>A dictionary in insertion order. Keys compare as in Python: 1, 1.0 and True are one key.</summary>
internal sealed class PyDict
{
    private readonly Dictionary<object, int> _index = new(PythonEquality.Instance);
    private readonly List<KeyValuePair<object?, object?>> _items = [];

    public IReadOnlyList<KeyValuePair<object?, object?>> Items => _items;

    public int Count => _items.Count;

    public bool TryGet(object? key, out object? value)
    {
        bool found = _index.TryGetValue(Wrap(key), out int at);
        value = found ? _items[at].Value : null;
        return found;
    }

    /// <summary>Sets a key; one that is there keeps its place.</summary>
    public void Set(object? key, object? value)
    {
        if (_index.TryGetValue(Wrap(key), out int at))
        {
            _items[at] = new(_items[at].Key, value);
            return;
        }

        _index[Wrap(key)] = _items.Count;
        _items.Add(new(key, value));
    }

    // A dictionary of .NET takes no null key; DBNull stands for None.
    private static object Wrap(object? key) => key switch
    {
        null => DBNull.Value,
        PyDict or PyList { IsTuple: false } => throw new TemplateException($"a {PythonText.TypeName(key)} cannot be a key"),
        _ => key,
    };
}

/// <summary>What <c>namespace()</c> makes: the one object whose attributes a template may set.</summary>
internal sealed class NamespaceValue
{
    public PyDict Attributes { get; } = new();
}

/// <summary>Something that can be called.</summary>
internal delegate object? Function(Interpreter interpreter, Arguments arguments);

/// <summary>Evaluated arguments of a call.</summary>
internal sealed class Arguments(string function, IReadOnlyList<object?> positional, IReadOnlyList<KeyValuePair<string, object?>> named)
{
    public string Function { get; } = function;

    public IReadOnlyList<object?> Positional { get; } = positional;

    public IReadOnlyList<KeyValuePair<string, object?>> Named { get; } = named;

    /// <summary>An argument by place or name.</summary>
    public bool TryGet(int index, string name, out object? value)
    {
        if (index < Positional.Count)
        {
            value = Positional[index];
            return true;
        }

        foreach (KeyValuePair<string, object?> argument in Named)
        {
            if (argument.Key == name)
            {
                value = argument.Value;
                return true;
            }
        }

        value = null;
        return false;
    }

    /// <summary>An argument, or a default.</summary>
    public object? Get(int index, string name, object? defaultValue = null) => TryGet(index, name, out object? value) ? value : defaultValue;

    /// <summary>An argument that must be there.</summary>
    public object? Required(int index, string name) => TryGet(index, name, out object? value) ? value : throw new TemplateException($"{Function}() needs the argument '{name}'");

    /// <summary>An integer argument, or a default.</summary>
    public long Integer(int index, string name, long defaultValue) => Get(index, name, defaultValue) switch
    {
        long number => number,
        bool flag => flag ? 1 : 0,
        object other => throw new TemplateException($"{Function}(): '{name}' must be an integer, is a {PythonText.TypeName(other)}"),
        null => throw new TemplateException($"{Function}(): '{name}' must be an integer, is None"),
    };

    /// <summary>A string argument, or a default.</summary>
    [return: NotNullIfNotNull(nameof(defaultValue))]
    public string? Text(int index, string name, string? defaultValue) => Get(index, name, defaultValue) switch
    {
        string text => text,
        null => defaultValue,
        object other => throw new TemplateException($"{Function}(): '{name}' must be a string, is a {PythonText.TypeName(other)}"),
    };

    /// <summary>The arguments behind the first <paramref name="count"/> positional ones.</summary>
    public Arguments Skip(int count) => new(Function, [.. Positional.Skip(count)], Named);
}

/// <summary>The variable <c>loop</c>.</summary>
internal sealed class LoopValue(PyList items, int depth)
{
    private object? _lastChanged = new();

    public PyList Items { get; } = items;

    public int Index { get; set; }

    public int Depth { get; } = depth;

    /// <summary>Renders the loop's body for other items, in a recursive loop.</summary>
    public Function? Recurse { get; init; }

    public object? Attribute(string name) => name switch
    {
        "index" => Index + 1L,
        "index0" => (long)Index,
        "revindex" => (long)(Items.Items.Count - Index),
        "revindex0" => (long)(Items.Items.Count - Index - 1),
        "first" => Index == 0,
        "last" => Index == Items.Items.Count - 1,
        "length" => (long)Items.Items.Count,
        "depth" => Depth + 1L,
        "depth0" => (long)Depth,
        "previtem" => Index > 0 ? Items.Items[Index - 1] : new Undefined("there is no previous item"),
        "nextitem" => Index + 1 < Items.Items.Count ? Items.Items[Index + 1] : new Undefined("there is no next item"),
        "cycle" => (Function)((_, arguments) => arguments.Positional.Count > 0
            ? arguments.Positional[Index % arguments.Positional.Count]
            : throw new TemplateException("loop.cycle() needs an argument")),
        "changed" => (Function)((_, arguments) => Changed(new PyList(arguments.Positional, isTuple: true))),
        _ => new Undefined($"'loop' has no attribute '{name}'"),
    };

    private object Changed(PyList value)
    {
        bool changed = !PythonEquality.AreEqual(_lastChanged, value);
        _lastChanged = value;
        return changed;
    }
}
