using System.Numerics;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>Python's operators on numbers, strings and lists.</summary>
internal static class Arithmetic
{
    private const int MaxIntegerBits = 4096;

    /// <summary>+value or -value.</summary>
    public static object? Signed(string op, object? value) => value switch
    {
        double real => op == "-" ? -real : real,
        _ => PythonEquality.Integer(value) is { } integer ? Shortest(op == "-" ? -integer : integer) : throw Wrong(op, value),
    };

    /// <summary>left op right.</summary>
    public static object? Binary(Budget budget, string op, object? left, object? right)
    {
        switch (op, left, right)
        {
            case ("~", _, _):
                // Without autoescaping Jinja joins plain strings here; only + looks at what is markup.
                return Concatenate(budget, PythonText.Str(budget, left), false, PythonText.Str(budget, right), false);
            case ("+", string or Markup, string or Markup):
                return Concatenate(budget, PythonText.Str(budget, left), left is Markup, PythonText.Str(budget, right), right is Markup);
            case ("+", PyList { IsPlain: true } a, PyList { IsPlain: true } b) when a.Kind == b.Kind:
                budget.Spend(a.Items.Count + b.Items.Count);
                return new PyList([.. a.Items, .. b.Items], a.Kind);
            case ("*", string or Markup, long or bool):
                return Repeat(budget, PythonText.Str(budget, left), Count(right));
            case ("*", long or bool, string or Markup):
                return Repeat(budget, PythonText.Str(budget, right), Count(left));
            case ("*", PyList { IsPlain: true } list, long or bool):
                return Repeat(budget, list, Count(right));
            case ("*", long or bool, PyList { IsPlain: true } list):
                return Repeat(budget, list, Count(left));
            case ("%", string format, _):
                return PercentFormat.Apply(budget, format, right);
            case ("%", Markup format, _):
                return new Markup(PercentFormat.Apply(budget, format.Text, right));
        }

        if (PythonEquality.Number(left) is not { } x || PythonEquality.Number(right) is not { } y)
        {
            throw Wrong(op, left, right);
        }

        return left is double || right is double || op == "/" ? Reals(op, x, y) : Integers(op, left, right);
    }

    private static object Integers(string op, object? left, object? right)
    {
        if (left is long a && right is long b)
        {
            try
            {
                switch (op)
                {
                    case "+":
                        return checked(a + b);
                    case "-":
                        return checked(a - b);
                    case "*":
                        return checked(a * b);
                }
            }
            catch (OverflowException)
            {
                // Goes on below, with as many bits as it takes.
            }
        }

        return Large(op, PythonEquality.Integer(left)!.Value, PythonEquality.Integer(right)!.Value);
    }

    private static object Large(string op, BigInteger a, BigInteger b)
    {
        switch (op)
        {
            case "+":
                return Shortest(a + b);
            case "-":
                return Shortest(a - b);
            case "*":
                return Shortest(a * b);
            case "//" or "%" when b.IsZero:
                throw DivisionByZero();
            case "//":
                return Shortest(BigInteger.Divide(a - Modulo(a, b), b));
            case "%":
                return Shortest(Modulo(a, b));
            case "**" when b.Sign < 0:
                return a.IsZero ? throw DivisionByZero() : Math.Pow((double)a, (double)b);
            case "**":
                bool isSmall = BigInteger.Abs(a) <= 1;
                return isSmall || b * a.GetBitLength() <= MaxIntegerBits ? Shortest(BigInteger.Pow(a, isSmall ? (int)(b % 2) + (b > 1 ? 2 : 0) : (int)b)) : throw TooLarge();
            default:
                throw new InvalidOperationException($"No rule for '{op}'.");
        }
    }

    // The remainder has the divisor's sign.
    private static BigInteger Modulo(BigInteger a, BigInteger b)
    {
        BigInteger rest = BigInteger.Remainder(a, b);
        return !rest.IsZero && rest.Sign != b.Sign ? rest + b : rest;
    }

    private static object Shortest(BigInteger value) =>
        value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value.GetBitLength() <= MaxIntegerBits ? value : throw TooLarge();

    private static double Reals(string op, double a, double b)
    {
        switch (op)
        {
            case "+":
                return a + b;
            case "-":
                return a - b;
            case "*":
                return a * b;
            case "/" or "//" or "%" when b == 0:
                throw DivisionByZero();
            case "/":
                return a / b;
            case "//":
                double quotient = (a - Modulo(a, b)) / b;
                double floor = Math.Floor(quotient);
                return quotient - floor > 0.5 ? floor + 1 : floor;
            case "%":
                return Modulo(a, b);
            case "**":
                return Math.Pow(a, b);
            default:
                throw new InvalidOperationException($"No rule for '{op}'.");
        }
    }

    private static double Modulo(double a, double b)
    {
        double rest = a % b;
        return rest != 0 && rest < 0 != b < 0 ? rest + b : rest;
    }

    private static object Concatenate(Budget budget, string a, bool aIsMarkup, string b, bool bIsMarkup)
    {
        if (aIsMarkup != bIsMarkup)
        {
            (a, b) = aIsMarkup ? (a, Markup.Escape(b)) : (Markup.Escape(a), b);
        }

        budget.SpendText((long)a.Length + b.Length);
        return aIsMarkup || bIsMarkup ? new Markup(a + b) : a + b;
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
        if (count <= 0 || list.Items.Count == 0)
        {
            return new PyList([], list.Kind);
        }

        budget.Spend(count > Budget.MaxSteps ? long.MaxValue : list.Items.Count * count);
        List<object?> items = [];
        for (long i = 0; i < count; i++)
        {
            items.AddRange(list.Items);
        }

        return new PyList(items, list.Kind);
    }

    private static long Count(object? value) => value is bool flag ? (flag ? 1 : 0) : (long)value!;

    private static TemplateException DivisionByZero() => new("division by zero");

    private static TemplateException TooLarge() => new($"an integer of more than {MaxIntegerBits} bits");

    private static TemplateException Wrong(string op, params object?[] operands)
    {
        object? missing = operands.FirstOrDefault(static operand => operand is Undefined);
        return missing is Undefined undefined
            ? new TemplateException($"{undefined.Description}, so '{op}' cannot use it")
            : new TemplateException($"'{op}' does not work on {string.Join(" and ", operands.Select(PythonText.TypeName))}");
    }
}
