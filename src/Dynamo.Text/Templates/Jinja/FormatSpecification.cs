using System.Text;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>Python's format specifications: <c>[[fill]align][sign][#][0][width][,][.precision][type]</c>.</summary>
internal static class FormatSpecification
{
    public static string Apply(Budget budget, string specification, object? value)
    {
        bool isNumber = value is not string && PythonEquality.Number(value) is not null;
        if (!isNumber && value is not (string or Markup))
        {
            throw new TemplateException($"a {PythonText.TypeName(value)} takes no format specification");
        }

        NumberSpec spec = new() { LeftAligned = !isNumber };
        int i = 0;
        string[] characters = CodePoints.Split(specification);
        bool aligned = false;
        if (characters.Length > 1 && characters[1] is "<" or ">" or "^" or "=")
        {
            spec = Aligned(spec with { Fill = characters[0] }, characters[1]);
            (i, aligned) = (2, true);
        }
        else if (characters[0] is "<" or ">" or "^" or "=")
        {
            spec = Aligned(spec, characters[0]);
            (i, aligned) = (1, true);
        }

        if (At() is "+" or "-" or " ")
        {
            spec = spec with { PlusSign = At() == "-" ? '\0' : At()[0] };
            i++;
        }

        if (At() == "#")
        {
            spec = spec with { Alternate = true };
            i++;
        }

        if (At() == "0" && !aligned)
        {
            spec = isNumber ? spec with { ZeroPadded = true } : spec with { Fill = "0" };
            i++;
        }

        spec = spec with { Width = NumberSpec.CheckedWidth(budget, Digits()) };
        if (At() is "," or "_")
        {
            spec = spec with { Group = At() };
            i++;
        }

        if (At() == ".")
        {
            i++;
            spec = spec with { Precision = NumberSpec.CheckedPrecision(budget, Digits()) };
        }

        string type = string.Concat(characters[i..]);
        return isNumber ? Number(spec, type, value) : type is "" or "s" ? spec.Text(PythonText.Str(budget, value)) : throw Unknown(type, value);

        string At() => i < characters.Length ? characters[i] : "";

        long Digits()
        {
            long number = 0;
            for (; At() is { Length: 1 } digit && char.IsAsciiDigit(digit[0]); i++)
            {
                number = Math.Min(int.MaxValue, (number * 10) + (digit[0] - '0'));
            }

            return number;
        }
    }

    private static NumberSpec Aligned(NumberSpec spec, string align) => align switch
    {
        "<" => spec with { LeftAligned = true },
        "^" => spec with { LeftAligned = false, Centred = true },
        "=" => spec with { LeftAligned = false, ZeroPadded = spec.Fill == "0" },
        _ => spec with { LeftAligned = false },
    };

    private static string Number(NumberSpec spec, string type, object? value)
    {
        double real = PythonEquality.Number(value)!.Value;
        switch (type)
        {
            case "" or "d" or "n" when PythonEquality.Integer(value) is { } integer:
                return type.Length == 0 && value is bool ? spec.Text(value is true ? "True" : "False") : spec.Integer(integer, 'd');
            case "x" or "X" or "o" or "b" when PythonEquality.Integer(value) is { } integer:
                return spec.Integer(integer, type[0]);
            case "c" when value is long code && Rune.IsValid((int)Math.Clamp(code, -1, int.MaxValue)):
                return spec.Text(new Rune((int)code).ToString());
            case "e" or "E" or "f" or "F" or "g" or "G":
                return spec.Real(real, type[0]);
            case "%" when double.IsFinite(real):
                return spec.Pad(NumberText.Fixed(Math.Abs(real) * 100, spec.Precision < 0 ? 6 : spec.Precision) + "%", spec.Sign(real < 0));
            case "" when spec.Precision < 0:
                return spec.Pad(PythonText.Float(Math.Abs(real)), spec.Sign(real < 0));
            case "" or "n":
                return spec.Real(real, 'g');
            default:
                throw Unknown(type, value);
        }
    }

    private static TemplateException Unknown(string type, object? value) => new($"the format '{type}' does not fit a {PythonText.TypeName(value)}");
}
