using System.Numerics;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>A test: the value before <c>is</c>, and arguments.</summary>
internal delegate bool TestFunction(Interpreter interpreter, object? value, Arguments arguments);

/// <summary>The tests of Jinja.</summary>
internal static class Tests
{
    public static readonly IReadOnlyDictionary<string, TestFunction> All = new Dictionary<string, TestFunction>(StringComparer.Ordinal)
    {
        ["defined"] = (_, value, _) => value is not Undefined,
        ["undefined"] = (_, value, _) => value is Undefined,
        ["none"] = (_, value, _) => value is null,
        ["boolean"] = (_, value, _) => value is bool,
        ["true"] = (_, value, _) => value is true,
        ["false"] = (_, value, _) => value is false,
        ["integer"] = (_, value, _) => value is long or BigInteger,
        ["float"] = (_, value, _) => value is double,
        ["number"] = (_, value, _) => PythonEquality.Number(value) is not null,
        ["string"] = (_, value, _) => value is string or Markup,
        ["mapping"] = (_, value, _) => value is PyDict,
        ["sequence"] = (_, value, _) => value is string or Markup or PyDict or Undefined or PyList { HasPlaces: true },
        ["iterable"] = (_, value, _) => value is string or Markup or PyList or PyIterator or PyDict or Undefined or LoopValue,
        ["callable"] = (_, value, _) => value is Function or Undefined or LoopValue,
        ["even"] = (i, value, _) => IsDivisible(i, value, 2L),
        ["odd"] = (i, value, _) => PythonEquality.AreEqual(i.Budget, Arithmetic.Binary(i.Budget, "%", value, 2L), 1L),
        ["divisibleby"] = (i, value, a) => IsDivisible(i, value, a.Required(0, "num")),
        ["lower"] = (i, value, _) => StringMethods.IsLower(PythonText.Str(i.Budget, value)),
        ["upper"] = (i, value, _) => StringMethods.IsUpper(PythonText.Str(i.Budget, value)),
        ["sameas"] = (_, value, a) => a.Required(0, "other") is var other && (value is null or bool or long ? Equals(value, other) : ReferenceEquals(value, other)),
        ["in"] = (i, value, a) => Members.Contains(i.Budget, a.Required(0, "seq"), value),
        ["filter"] = (_, value, _) => value is string name && Filters.All.ContainsKey(name),
        ["test"] = (_, value, _) => value is string name && All!.ContainsKey(name),
        ["escaped"] = (_, value, _) => value is Markup,
        ["eq"] = AreEqual,
        ["equalto"] = AreEqual,
        ["=="] = AreEqual,
        ["ne"] = (i, value, a) => !AreEqual(i, value, a),
        ["!="] = (i, value, a) => !AreEqual(i, value, a),
        ["gt"] = (i, value, a) => Order(i, value, a) > 0,
        ["greaterthan"] = (i, value, a) => Order(i, value, a) > 0,
        [">"] = (i, value, a) => Order(i, value, a) > 0,
        ["ge"] = (i, value, a) => Order(i, value, a) >= 0,
        [">="] = (i, value, a) => Order(i, value, a) >= 0,
        ["lt"] = (i, value, a) => Order(i, value, a) < 0,
        ["lessthan"] = (i, value, a) => Order(i, value, a) < 0,
        ["<"] = (i, value, a) => Order(i, value, a) < 0,
        ["le"] = (i, value, a) => Order(i, value, a) <= 0,
        ["<="] = (i, value, a) => Order(i, value, a) <= 0,
    };

    private static bool AreEqual(Interpreter interpreter, object? value, Arguments arguments) => PythonEquality.AreEqual(interpreter.Budget, value, arguments.Required(0, "other"));

    private static int? Order(Interpreter interpreter, object? value, Arguments arguments) => PythonEquality.Order(interpreter.Budget, value, arguments.Required(0, "other"));

    private static bool IsDivisible(Interpreter interpreter, object? value, object? divisor) =>
        PythonEquality.AreEqual(interpreter.Budget, Arithmetic.Binary(interpreter.Budget, "%", value, divisor), 0L);
}
