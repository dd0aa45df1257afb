namespace Dynamo.Text.Templates.Jinja;

/// <summary>A test: the value before <c>is</c>, and arguments.</summary>
internal delegate bool TestFunction(object? value, Arguments arguments);

/// <summary>The tests of Jinja.</summary>
internal static class Tests
{
    public static readonly IReadOnlyDictionary<string, TestFunction> All = new Dictionary<string, TestFunction>(StringComparer.Ordinal)
    {
        ["defined"] = (value, _) => value is not Undefined,
        ["undefined"] = (value, _) => value is Undefined,
        ["none"] = (value, _) => value is null,
        ["boolean"] = (value, _) => value is bool,
        ["true"] = (value, _) => value is true,
        ["false"] = (value, _) => value is false,
        ["integer"] = (value, _) => value is long,
        ["float"] = (value, _) => value is double,
        ["number"] = (value, _) => value is long or double or bool,
        ["string"] = (value, _) => value is string,
        ["mapping"] = (value, _) => value is PyDict,
        ["sequence"] = (value, _) => value is string or PyList or PyDict or Undefined,
        ["iterable"] = (value, _) => value is string or PyList or PyDict or Undefined or LoopValue,
        ["callable"] = (value, _) => value is Function || value is LoopValue { Recurse: not null },
        ["even"] = (value, arguments) => Number(value, arguments) % 2 == 0,
        ["odd"] = (value, arguments) => Number(value, arguments) % 2 != 0,
        ["divisibleby"] = (value, arguments) => arguments.Integer(0, "num", 0) is not 0 and long divisor ? Number(value, arguments) % divisor == 0 : throw new TemplateException("division by zero"),
        ["lower"] = (value, _) => PythonText.Str(value) is var text && text.Any(char.IsLower) && !text.Any(char.IsUpper),
        ["upper"] = (value, _) => PythonText.Str(value) is var text && text.Any(char.IsUpper) && !text.Any(char.IsLower),
        ["sameas"] = (value, arguments) => arguments.Required(0, "other") is var other && value?.GetType() == other?.GetType() && (value is null or bool or long ? Equals(value, other) : ReferenceEquals(value, other)),
        ["in"] = (value, arguments) => Members.Contains(arguments.Required(0, "seq"), value),
        ["filter"] = (value, _) => value is string name && Filters.All.ContainsKey(name),
        ["test"] = (value, _) => value is string name && All!.ContainsKey(name),
        ["escaped"] = (_, _) => false,
        ["eq"] = Equal,
        ["equalto"] = Equal,
        ["=="] = Equal,
        ["ne"] = (value, arguments) => !Equal(value, arguments),
        ["gt"] = (value, arguments) => Order(value, arguments) > 0,
        ["greaterthan"] = (value, arguments) => Order(value, arguments) > 0,
        ["ge"] = (value, arguments) => Order(value, arguments) >= 0,
        ["lt"] = (value, arguments) => Order(value, arguments) < 0,
        ["lessthan"] = (value, arguments) => Order(value, arguments) < 0,
        ["le"] = (value, arguments) => Order(value, arguments) <= 0,
    };

    private static bool Equal(object? value, Arguments arguments) => PythonEquality.AreEqual(value, arguments.Required(0, "other"));

    private static int Order(object? value, Arguments arguments) => PythonEquality.Order(value, arguments.Required(0, "other"));

    private static long Number(object? value, Arguments arguments) => value switch
    {
        long integer => integer,
        bool flag => flag ? 1 : 0,
        _ => throw new TemplateException($"'{arguments.Function}' needs an integer, not a {PythonText.TypeName(value)}"),
    };
}
