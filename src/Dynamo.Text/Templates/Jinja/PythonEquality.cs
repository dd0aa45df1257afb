namespace Dynamo.Text.Templates.Jinja;

/// <summary>Python's == and order.</summary>
internal sealed class PythonEquality : IEqualityComparer<object>
{
    public static readonly PythonEquality Instance = new();

    /// <summary>a == b.</summary>
    public static bool AreEqual(object? a, object? b)
    {
        if (Number(a) is { } x && Number(b) is { } y)
        {
            return a is double || b is double ? x == y : Integer(a) == Integer(b);
        }

        return (a, b) switch
        {
            (null, null) => true,
            (string s, string t) => s == t,
            (Undefined, Undefined) => true,
            (PyList s, PyList t) => s.IsTuple == t.IsTuple && s.Items.Count == t.Items.Count && s.Items.Zip(t.Items).All(static pair => AreEqual(pair.First, pair.Second)),
            (PyDict s, PyDict t) => s.Count == t.Count && s.Items.All(item => t.TryGet(item.Key, out object? other) && AreEqual(item.Value, other)),
            _ => ReferenceEquals(a, b),
        };
    }

    /// <summary>Order of two values; negative when a is first.</summary>
    /// <exception cref="TemplateException">They have none.</exception>
    public static int Order(object? a, object? b)
    {
        if (Number(a) is { } x && Number(b) is { } y)
        {
            return a is double || b is double ? x.CompareTo(y) : Integer(a).CompareTo(Integer(b));
        }

        switch (a, b)
        {
            case (string s, string t):
                return CompareText(s, t);
            case (PyList s, PyList t) when s.IsTuple == t.IsTuple:
                for (int i = 0; i < Math.Min(s.Items.Count, t.Items.Count); i++)
                {
                    if (!AreEqual(s.Items[i], t.Items[i]))
                    {
                        return Order(s.Items[i], t.Items[i]);
                    }
                }

                return s.Items.Count.CompareTo(t.Items.Count);
            default:
                throw new TemplateException($"a {PythonText.TypeName(a)} and a {PythonText.TypeName(b)} have no order");
        }
    }

    /// <summary>A number or truth value as a float.</summary>
    public static double? Number(object? value) => value switch
    {
        long integer => integer,
        double real => real,
        bool flag => flag ? 1 : 0,
        _ => null,
    };

    /// <inheritdoc/>
    public new bool Equals(object? x, object? y) => AreEqual(x, y);

    /// <inheritdoc/>
    public int GetHashCode(object value) => value switch
    {
        long or double or bool => Number(value)!.Value.GetHashCode(),
        PyList list => list.Items.Count,
        _ => value.GetHashCode(),
    };

    private static long Integer(object? value) => value is bool flag ? (flag ? 1 : 0) : (long)value!;

    // Python orders strings by code point; UTF-16 would put characters beyond the basic plane before U+E000.
    private static int CompareText(string a, string b)
    {
        for (int i = 0; i < Math.Min(a.Length, b.Length); i++)
        {
            if (a[i] != b[i])
            {
                return char.IsSurrogate(a[i]) == char.IsSurrogate(b[i]) ? a[i].CompareTo(b[i]) : char.IsSurrogate(a[i]) ? 1 : -1;
            }
        }

        return a.Length.CompareTo(b.Length);
    }
}
