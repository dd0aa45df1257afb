using System.Diagnostics.CodeAnalysis;

namespace Dynamo.Text.Templates.Jinja;

// What a template works on: null (None), bool, long, BigInteger (beyond 64 bits), double, string, Markup, PyList, PyIterator, PyDict, and the
// types below.

/// <summary>A name or attribute that is not there. Prints as nothing, is false and empty; anything else with it is an error.</summary>
internal sealed class Undefined(string description)
{
    /// <summary>What is missing, for messages.</summary>
    public string Description { get; } = description;
}

/// <summary>Text that counts as safe HTML (<c>|safe</c>, <c>|escape</c>): plain text that is joined to it gets escaped, as in Jinja.</summary>
internal sealed class Markup(string text)
{
    public string Text { get; } = text;

    /// <summary>A value's text, escaped unless it is markup itself.</summary>
    public static string Escape(string text) => new System.Text.StringBuilder(text)
        .Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("'", "&#39;").Replace("\"", "&#34;").ToString();
}

/// <summary>A dictionary in insertion order. Keys compare as in Python: 1, 1.0 and True are one key.</summary>
internal sealed class PyDict
{
    private readonly Dictionary<object, int> _index = new(KeyComparer.Instance);
    private readonly List<KeyValuePair<object?, object?>> _items = [];

    public IReadOnlyList<KeyValuePair<object?, object?>> Items => _items;

    public int Count => _items.Count;

    public bool TryGet(object? key, out object? value)
    {
        bool found = _index.TryGetValue(KeyComparer.Wrap(key), out int at);
        value = found ? _items[at].Value : null;
        return found;
    }

    /// <summary>Sets a key; one that is there keeps its place.</summary>
    public void Set(object? key, object? value)
    {
        object wrapped = KeyComparer.Wrap(key);
        if (_index.TryGetValue(wrapped, out int at))
        {
            _items[at] = new(_items[at].Key, value);
            return;
        }

        _index[wrapped] = _items.Count;
        _items.Add(new(key, value));
    }
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

    /// <summary>An integer argument, or <see langword="null"/> when it is missing or None.</summary>
    public long? OptionalInteger(int index, string name) => Get(index, name) is null ? null : Integer(index, name, 0);

    /// <summary>A string argument, or a default when it is missing or None.</summary>
    [return: NotNullIfNotNull(nameof(defaultValue))]
    public string? Text(int index, string name, string? defaultValue) => Get(index, name, defaultValue) switch
    {
        string text => text,
        Markup markup => markup.Text,
        null => defaultValue,
        object other => throw new TemplateException($"{Function}(): '{name}' must be a string, is a {PythonText.TypeName(other)}"),
    };

    /// <summary>A string argument that must be there.</summary>
    public string RequiredText(int index, string name) => Required(index, name) switch
    {
        string text => text,
        Markup markup => markup.Text,
        var other => throw new TemplateException($"{Function}(): '{name}' must be a string, is a {PythonText.TypeName(other)}"),
    };

    /// <summary>The truth of an argument.</summary>
    public bool Flag(int index, string name) => Evaluator.IsTrue(Get(index, name, false));

    /// <summary>The arguments behind the first <paramref name="count"/> positional ones.</summary>
    public Arguments Skip(int count) => new(Function, [.. Positional.Skip(count)], Named);
}
