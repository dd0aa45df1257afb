using System.Numerics;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>Compares keys of dicts as Python does: 1, 1.0 and True are one key, a text and the same text marked as safe too.</summary>
internal sealed class KeyComparer : IEqualityComparer<object>
{
    // Comparing keys is not counted as work, so tuples among them stay small.
    private const int MaxTupleLength = 64;

    public static readonly KeyComparer Instance = new();

    /// <summary>A key as a .NET dictionary takes it: DBNull stands for None.</summary>
    /// <exception cref="TemplateException">The value cannot be a key.</exception>
    public static object Wrap(object? key) => key switch
    {
        null => DBNull.Value,
        Markup markup => markup.Text,
        PyList { IsTuple: true } tuple => WrapTuple(tuple),
        PyDict or PyList or NamespaceValue => throw new TemplateException($"a {PythonText.TypeName(key)} cannot be a key"),
        _ => key,
    };

    /// <inheritdoc/>
    public new bool Equals(object? x, object? y) => (x, y) switch
    {
        (string a, string b) => a == b,
        (PyList a, PyList b) => a.Items.Count == b.Items.Count && a.Items.Zip(b.Items).All(pair => Equals(Wrap(pair.First), Wrap(pair.Second))),
        (Undefined, Undefined) => true,
        (long a, long b) => a == b,
        _ => PythonEquality.Number(x) is { } a && PythonEquality.Number(y) is { } b ? PythonEquality.CompareNumbers(x, y) == 0 : object.Equals(x, y),
    };

    /// <inheritdoc/>
    public int GetHashCode(object value) => value switch
    {
        // Equal numbers of any type are equal as floats. The combination is seeded, so nobody can choose keys that collide.
        long or double or bool or BigInteger => HashCode.Combine((int)BitConverter.DoubleToInt64Bits(Normal(value)), (int)(BitConverter.DoubleToInt64Bits(Normal(value)) >> 32)),
        PyList tuple => tuple.Items.Aggregate(tuple.Items.Count, (hash, item) => HashCode.Combine(hash, GetHashCode(Wrap(item)))),
        Undefined => 0,
        _ => value.GetHashCode(),
    };

    private static double Normal(object value) => PythonEquality.Number(value)!.Value + 0.0;

    private static PyList WrapTuple(PyList tuple)
    {
        if (tuple.Items.Count > MaxTupleLength || tuple.Items.Any(static item => item is PyList))
        {
            throw new TemplateException($"a tuple that is a key must have at most {MaxTupleLength} items and no list or tuple among them");
        }

        foreach (object? item in tuple.Items)
        {
            Wrap(item);
        }

        return tuple;
    }
}
