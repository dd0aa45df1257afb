namespace Dynamo.Text.Templates.Jinja;

/// <summary>Methods of lists and dicts. Those that change their object are refused, as in Jinja's immutable sandbox.</summary>
internal static class CollectionMethods
{
    private static readonly HashSet<string> ChangesList = new(StringComparer.Ordinal) { "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort" };
    private static readonly HashSet<string> ChangesDict = new(StringComparer.Ordinal) { "clear", "pop", "popitem", "setdefault", "update" };

    /// <summary>A list's method, or <see langword="null"/>.</summary>
    public static Function? Find(PyList list, string name) => name switch
    {
        "index" when list.HasPlaces => (i, arguments) => Index(i.Budget, list, arguments.Required(0, "value")),
        "count" when list.HasPlaces => (i, arguments) => (long)list.Items.Count(item => PythonEquality.AreEqual(i.Budget, item, arguments.Required(0, "value"))),
        "copy" when list.Kind == ListKind.List => (_, _) => list,
        _ when list.Kind == ListKind.List && ChangesList.Contains(name) => Refuse(name, "list"),
        _ => null,
    };

    /// <summary>A dict's method, or <see langword="null"/>.</summary>
    public static Function? Find(PyDict dict, string name) => name switch
    {
        "get" => (_, arguments) => dict.TryGet(arguments.Required(0, "key"), out object? value) ? value : arguments.Get(1, "default"),
        "items" => (i, _) => Items(i.Budget, dict),
        "keys" => (i, _) => View(i.Budget, dict, ListKind.Keys, static item => item.Key),
        "values" => (i, _) => View(i.Budget, dict, ListKind.Values, static item => item.Value),
        "copy" => (_, _) => dict,
        _ when ChangesDict.Contains(name) => Refuse(name, "dict"),
        _ => null,
    };

    /// <summary>dict.items().</summary>
    public static PyList Items(Budget budget, PyDict dict) => View(budget, dict, ListKind.Items, static item => PyList.Tuple(item.Key, item.Value));

    private static PyList View(Budget budget, PyDict dict, ListKind kind, Func<KeyValuePair<object?, object?>, object?> part)
    {
        budget.Spend(dict.Count);
        return new PyList(dict.Items.Select(part).ToList(), kind);
    }

    private static object Index(Budget budget, PyList list, object? value)
    {
        for (int i = 0; i < list.Items.Count; i++)
        {
            if (PythonEquality.AreEqual(budget, list.Items[i], value))
            {
                return (long)i;
            }
        }

        throw new TemplateException($"{PythonText.Repr(budget, value)} is not in the list");
    }

    private static Function Refuse(string name, string type) =>
        (_, _) => throw new TemplateException($"'{name}' would change a {type}, which templates may not");
}
