namespace Dynamo.Text.Templates.Jinja;

/// <summary>Methods of lists and dicts. Those that change their object are refused, as in Jinja's immutable sandbox.</summary>
internal static class CollectionMethods
{
    private static readonly HashSet<string> ChangesList = new(StringComparer.Ordinal) { "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort" };
    private static readonly HashSet<string> ChangesDict = new(StringComparer.Ordinal) { "clear", "pop", "popitem", "setdefault", "update" };

    /// <summary>A list's method, or <see langword="null"/>.</summary>
    public static Function? Find(PyList list, string name) => name switch
    {
        "index" => (_, arguments) => Index(list, arguments.Required(0, "value")),
        "count" => (_, arguments) => (long)list.Items.Count(item => PythonEquality.AreEqual(item, arguments.Required(0, "value"))),
        "copy" when !list.IsTuple => (_, _) => list,
        _ when !list.IsTuple && ChangesList.Contains(name) => Refuse(name, "list"),
        _ => null,
    };

    /// <summary>A dict's method, or <see langword="null"/>.</summary>
    public static Function? Find(PyDict dict, string name) => name switch
    {
        "get" => (_, arguments) => dict.TryGet(arguments.Required(0, "key"), out object? value) ? value : arguments.Get(1, "default"),
        "items" => (_, _) => new PyList(dict.Items.Select(static item => (object?)new PyList([item.Key, item.Value], isTuple: true)).ToList()),
        "keys" => (_, _) => new PyList(dict.Items.Select(static item => item.Key).ToList()),
        "values" => (_, _) => new PyList(dict.Items.Select(static item => item.Value).ToList()),
        "copy" => (_, _) => dict,
        _ when ChangesDict.Contains(name) => Refuse(name, "dict"),
        _ => null,
    };

    private static object Index(PyList list, object? value)
    {
        for (int i = 0; i < list.Items.Count; i++)
        {
            if (PythonEquality.AreEqual(list.Items[i], value))
            {
                return (long)i;
            }
        }

        throw new TemplateException($"{PythonText.Repr(value)} is not in the list");
    }

    private static Function Refuse(string name, string type) =>
        (_, _) => throw new TemplateException($"'{name}' would change a {type}, which templates may not");
}
