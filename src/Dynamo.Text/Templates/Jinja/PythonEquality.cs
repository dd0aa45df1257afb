using System.Numerics;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>Python's == and order.</summary>
internal static class PythonEquality
{
    private const int MaxDepth = 200;

    /// <summary>a == b.</summary>
    public static bool AreEqual(Budget budget, object? a, object? b) => AreEqual(budget, a, b, 0);

    /// <summary>Order of two values; negative when a is first, <see langword="null"/> when one is not a number, which is before and behind nothing.</summary>
    /// <exception cref="TemplateException">They have none.</exception>
    public static int? Order(Budget budget, object? a, object? b) => Order(budget, a, b, 0);

    private static bool AreEqual(Budget budget, object? a, object? b, int depth)
    {
        Enter(budget, depth);
        if (Number(a) is not null && Number(b) is not null)
        {
            return CompareNumbers(a, b) == 0;
        }

        (a, b) = (Unwrap(a), Unwrap(b));
        switch (a, b)
        {
            case (null, null):
            case (Undefined, Undefined):
                return true;
            case (string s, string t):
                budget.SpendReading(Math.Min(s.Length, t.Length));
                return s == t;
            case (PyList s, PyList t):
                return ReferenceEquals(s, t) || (s.Kind == t.Kind && s.Items.Count == t.Items.Count && s.Items.Zip(t.Items).All(pair => AreEqual(budget, pair.First, pair.Second, depth + 1)));
            case (PyDict s, PyDict t):
                return ReferenceEquals(s, t) || (s.Count == t.Count && s.Items.All(item => t.TryGet(item.Key, out object? other) && AreEqual(budget, item.Value, other, depth + 1)));
            default:
                return ReferenceEquals(a, b);
        }
    }

    private static int? Order(Budget budget, object? a, object? b, int depth)
    {
        Enter(budget, depth);
        if (Number(a) is not null && Number(b) is not null)
        {
            return CompareNumbers(a, b);
        }

        (a, b) = (Unwrap(a), Unwrap(b));
        switch (a, b)
        {
            case (string s, string t):
                budget.SpendReading(Math.Min(s.Length, t.Length));
                return CompareText(s, t);
            case (PyList { IsPlain: true } s, PyList { IsPlain: true } t) when s.Kind == t.Kind:
                for (int i = 0; i < Math.Min(s.Items.Count, t.Items.Count); i++)
                {
                    if (!AreEqual(budget, s.Items[i], t.Items[i], depth + 1))
                    {
                        return Order(budget, s.Items[i], t.Items[i], depth + 1);
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
        BigInteger large => (double)large,
        _ => null,
    };

    /// <summary>An integer or truth value, whatever its size.</summary>
    public static BigInteger? Integer(object? value) => value switch
    {
        long integer => integer,
        bool flag => flag ? 1 : 0,
        BigInteger large => large,
        _ => null,
    };

    /// <summary>Order of two numbers; <see langword="null"/> when one is not a number.</summary>
    public static int? CompareNumbers(object? a, object? b)
    {
        if (a is long x && b is long y)
        {
            return x.CompareTo(y);
        }

        if (Integer(a) is { } s && Integer(b) is { } t)
        {
            return s.CompareTo(t);
        }

        (double p, double q) = (Number(a)!.Value, Number(b)!.Value);
        return double.IsNaN(p) || double.IsNaN(q) ? null : p.CompareTo(q);
    }

    private static void Enter(Budget budget, int depth)
    {
        budget.Spend(1);
        if (depth > MaxDepth)
        {
            throw new TemplateException("values that are compared are nested too deeply");
        }
    }

    private static object? Unwrap(object? value) => value is Markup markup ? markup.Text : value;

    // Python orders strings by code point; UTF-16 would put characters beyond the basic plane before U+E000.
    private static int CompareText(string a, string b)
    {
        int i = a.AsSpan().CommonPrefixLength(b);
        if (i == a.Length || i == b.Length)
        {
            return a.Length.CompareTo(b.Length);
        }

        return char.IsSurrogate(a[i]) == char.IsSurrogate(b[i]) ? a[i].CompareTo(b[i]) : char.IsSurrogate(a[i]) ? 1 : -1;
    }
}
