namespace Dynamo.Text.Templates.Jinja;

/// <summary>Python's operators on numbers, strings and lists.</summary>
internal static class Arithmetic
{
    /// <summary>+value or -value.</summary>
    public static object? Signed(string op, object? value) => value switch
    {
        bool flag => Signed(op, flag ? 1L : 0L),
        long integer => op == "-" ? checked(-integer) : integer,
        double real => op == "-" ? -real : real,
        _ => throw Wrong(op, value),
    };

    /// <summary>left op right.</summary>
    public static object? Binary(Budget budget, string op, object? left, object? right)
    {
        if (op == "~")
        {
            return Concatenate(budget, PythonText.Str(left), PythonText.Str(right));
        }

        switch (op, left, right)
        {
            case ("+", string a, string b):
                return Concatenate(budget, a, b);
            case ("+", PyList a, PyList b) when a.IsTuple == b.IsTuple:
                budget.Spend(a.Items.Count + b.Items.Count);
                return new PyList([.. a.Items, .. b.Items], a.IsTuple);
            case ("*", string text, long or bool):
                return Repeat(budget, text, Integer(right));
            case ("*", long or bool, string text):
                return Repeat(budget, text, Integer(left));
            case ("*", PyList list, long or bool):
                return Repeat(budget, list, Integer(right));
            case ("*", long or bool, PyList list):
                return Repeat(budget, list, Integer(left));
            case ("%", string format, _):
                return PercentFormat.Apply(budget, format, right);
        }

        if (PythonEquality.Number(left) is not { } x || PythonEquality.Number(right) is not { } y)
        {
            throw Wrong(op, left, right);
        }

        try
        {
            return left is double || right is double || op == "/" ? Reals(op, x, y) : Integers(op, Integer(left), Integer(right));
        }
        catch (OverflowException)
        {
            throw new TemplateException($"'{op}' gives an integer of more than 64 bits");
        }
    }

    private static object Integers(string op, long a, long b) => op switch
    {
        "+" => checked(a + b),
        "-" => checked(a - b),
        "*" => checked(a * b),
        "//" => b == 0 ? throw DivisionByZero() : checked((a / b) - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0)),
        "%" => b == 0 ? throw DivisionByZero() : b == -1 ? 0L : ((a % b) + b) % b,
        "**" => b < 0 ? Math.Pow(a, b) : Power(a, b),
        _ => throw new InvalidOperationException($"No rule for '{op}'."),
    };

    private static long Power(long value, long exponent)
    {
        long result = 1;
        for (; exponent > 0; exponent >>= 1)
        {
            if ((exponent & 1) != 0)
            {
                result = checked(result * value);
            }

            if (exponent > 1)
            {
                value = value is 0 or 1 ? value : checked(value * value);
            }
        }

        return result;
    }

    private static double Reals(string op, double a, double b) => op switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => b == 0 ? throw DivisionByZero() : a / b,
        "//" => b == 0 ? throw DivisionByZero() : Math.Floor(a / b),
        "%" => b == 0 ? throw DivisionByZero() : a - (b * Math.Floor(a / b)),
        "**" => Math.Pow(a, b),
        _ => throw new InvalidOperationException($"No rule for '{op}'."),
    };

    private static string Concatenate(Budget budget, string a, string b)
    {
        budget.SpendText((long)a.Length + b.Length);
        return a + b;
    }

    private static string Repeat(Budget budget, string text, long count)
    {
        if (count <= 0 || text.Length == 0)
        {
            return "";
        }

        budget.SpendText(count > Budget.MaxTextLength ? long.MaxValue : text.Length * count);
        return new System.Text.StringBuilder().Insert(0, text, (int)count).ToString();
    }

    private static PyList Repeat(Budget budget, PyList list, long count)
    {
        count = Math.Max(0, count);
        budget.Spend(count > Budget.MaxSteps ? Budget.MaxSteps + 1 : list.Items.Count * count);
        List<object?> items = [];
        for (long i = 0; i < count && list.Items.Count > 0; i++)
        {
            items.AddRange(list.Items);
        }

        return new PyList(items, list.IsTuple);
    }

    private static long Integer(object? value) => value is bool flag ? (flag ? 1 : 0) : (long)value!;

    private static TemplateException DivisionByZero() => new("division by zero");

    private static TemplateException Wrong(string op, params object?[] operands)
    {
        object? missing = operands.FirstOrDefault(static operand => operand is Undefined);
        return missing is Undefined undefined
            ? new TemplateException($"{undefined.Description}, so '{op}' cannot use it")
            : new TemplateException($"'{op}' does not work on {string.Join(" and ", operands.Select(PythonText.TypeName))}");
    }
}
