using System.Globalization;
using System.Text;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>Python's str.format: <c>{}</c>, <c>{0.name[key]!r:>10}</c>. Fields inside a specification are not supported.</summary>
internal static class BraceFormat
{
    public static string Apply(Interpreter interpreter, string format, Arguments arguments)
    {
        StringBuilder output = new();
        int automatic = 0;
        for (int i = 0; i < format.Length; i++)
        {
            char c = format[i];
            if (c is not ('{' or '}'))
            {
                output.Append(c);
                continue;
            }

            if (i + 1 < format.Length && format[i + 1] == c)
            {
                output.Append(c);
                i++;
                continue;
            }

            int close = c == '{' ? format.IndexOf('}', i) : -1;
            string field = close > 0 ? format[(i + 1)..close] : throw new TemplateException("a single brace in a format");
            if (field.Contains('{'))
            {
                throw new TemplateException("a field inside a field of a format is not supported");
            }

            output.Append(Field(interpreter, field, arguments, ref automatic));
            interpreter.Budget.SpendText(output.Length);
            i = close;
        }

        return output.ToString();
    }

    private static string Field(Interpreter interpreter, string field, Arguments arguments, ref int automatic)
    {
        int colon = field.IndexOf(':');
        string specification = colon < 0 ? "" : field[(colon + 1)..];
        string path = colon < 0 ? field : field[..colon];
        char conversion = '\0';
        if (path.Length >= 2 && path[^2] == '!')
        {
            conversion = path[^1];
            path = path[..^2];
        }

        object? value = Value(path, arguments, ref automatic);
        value = conversion switch
        {
            '\0' => value,
            's' => PythonText.Str(interpreter.Budget, value),
            'r' => PythonText.Repr(interpreter.Budget, value),
            'a' => PythonText.Ascii(PythonText.Repr(interpreter.Budget, value)),
            _ => throw new TemplateException($"the conversion '!{conversion}' is not known"),
        };
        return specification.Length == 0 ? PythonText.Str(interpreter.Budget, value) : FormatSpecification.Apply(interpreter.Budget, specification, value);
    }

    private static object? Value(string path, Arguments arguments, ref int automatic)
    {
        int end = path.AsSpan().IndexOfAny('.', '[');
        string name = end < 0 ? path : path[..end];
        int index = name.Length == 0 ? automatic++ : int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int given) ? given : int.MaxValue;
        object? value = arguments.Required(index, name);
        for (int i = end < 0 ? path.Length : end; i < path.Length;)
        {
            if (path[i] == '.')
            {
                int next = path.AsSpan(i + 1).IndexOfAny('.', '[');
                int stop = next < 0 ? path.Length : i + 1 + next;
                value = Members.Attribute(value, path[(i + 1)..stop]);
                i = stop;
                continue;
            }

            int close = path.IndexOf(']', i);
            string key = path[i] == '[' && close > 0 ? path[(i + 1)..close] : throw new TemplateException($"the field '{path}' of a format cannot be read");
            value = Members.Item(value, long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out long place) ? place : key);
            i = close + 1;
        }

        return value;
    }
}
