using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>Python's json.dumps and json.loads, as transformers gives them to templates: no HTML escaping, characters as they are.</summary>
internal static class PythonJson
{
    private const int MaxDepth = 200;

    // Python reads integers of at most 4300 digits.
    private const int MaxIntegerDigits = 1000;

    /// <summary>Layout of json.dumps.</summary>
    /// <param name="Indent">Spaces or text per level, or <see langword="null"/> for one line.</param>
    /// <param name="ItemSeparator">Between items.</param>
    /// <param name="KeySeparator">Between key and value.</param>
    /// <param name="SortKeys">Keys in order.</param>
    /// <param name="AsciiOnly">Everything else as \u escapes.</param>
    public readonly record struct Layout(string? Indent, string ItemSeparator, string KeySeparator, bool SortKeys, bool AsciiOnly);

    /// <summary>json.dumps(value).</summary>
    /// <exception cref="TemplateException">It holds something that JSON has no form for, or is too large or deep.</exception>
    public static string Dump(Budget budget, object? value, Layout layout)
    {
        StringBuilder output = new();
        Dump(budget, value, layout, output, 0);
        budget.SpendText(output.Length);
        return output.ToString();
    }

    /// <summary>json.loads(text).</summary>
    public static object? Load(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return FromElement(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new TemplateException($"from_json(): not valid JSON: {e.Message}");
        }
    }

    /// <summary>A JSON value as a template sees it: numbers without fraction or exponent are integers.</summary>
    public static object? FromElement(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                PyDict dict = new();
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    dict.Set(Name(property), FromElement(property.Value));
                }

                return dict;
            case JsonValueKind.Array:
                List<object?> items = new(element.GetArrayLength());
                foreach (JsonElement item in element.EnumerateArray())
                {
                    items.Add(FromElement(item));
                }

                return new PyList(items);
            case JsonValueKind.String:
                return Text(element);
            case JsonValueKind.Number:
                return Number(element);
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            default:
                return null;
        }
    }

    // Boxed one by one: a conditional expression would turn integers into floats.
    private static object Number(JsonElement element)
    {
        string text = element.GetRawText();
        if (text.AsSpan().ContainsAny('.', 'e', 'E'))
        {
            return element.GetDouble();
        }

        if (element.TryGetInt64(out long integer))
        {
            return integer;
        }

        return text.Length <= MaxIntegerDigits
            ? BigInteger.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)
            : throw new TemplateException($"an integer has more than {MaxIntegerDigits} digits");
    }

    private static string Text(JsonElement element)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw HalfPair();
        }
    }

    private static string Name(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            throw HalfPair();
        }
    }

    private static TemplateException HalfPair() => new("a JSON string holds half of a surrogate pair");

    private static void Dump(Budget budget, object? value, Layout layout, StringBuilder output, int depth)
    {
        if (depth > MaxDepth || output.Length > Budget.MaxTextLength)
        {
            throw new TemplateException("tojson(): the value is too large or too deep");
        }

        switch (value)
        {
            case null:
                output.Append("null");
                break;
            case bool flag:
                output.Append(flag ? "true" : "false");
                break;
            case long integer:
                output.Append(integer.ToString(CultureInfo.InvariantCulture));
                break;
            case BigInteger large:
                output.Append(large.ToString(CultureInfo.InvariantCulture));
                break;
            case double real:
                output.Append(double.IsNaN(real) ? "NaN" : double.IsPositiveInfinity(real) ? "Infinity" : double.IsNegativeInfinity(real) ? "-Infinity" : PythonText.Float(real));
                break;
            case string text:
                Quoted(text, layout.AsciiOnly, output);
                break;
            case Markup markup:
                Quoted(markup.Text, layout.AsciiOnly, output);
                break;
            case PyList { IsPlain: true } list:
                output.Append('[');
                for (int i = 0; i < list.Items.Count; i++)
                {
                    Separate(layout, output, depth + 1, i);
                    Dump(budget, list.Items[i], layout, output, depth + 1);
                }

                Close(layout, output, depth, list.Items.Count, ']');
                break;
            case PyDict dict:
                Dict(budget, dict, layout, output, depth);
                break;
            default:
                throw new TemplateException($"tojson(): a value of type {PythonText.TypeName(value)} cannot be written as JSON");
        }
    }

    private static void Dict(Budget budget, PyDict dict, Layout layout, StringBuilder output, int depth)
    {
        output.Append('{');
        IEnumerable<KeyValuePair<object?, object?>> items = layout.SortKeys ? Sorting.Stable(budget, dict.Items, static item => item.Key, reverse: false) : dict.Items;
        int index = 0;
        foreach ((object? key, object? value) in items)
        {
            Separate(layout, output, depth + 1, index++);
            Quoted(
                key switch
                {
                    string text => text,
                    null => "null",
                    bool flag => flag ? "true" : "false",
                    long or double or BigInteger => PythonText.Repr(budget, key),
                    _ => throw new TemplateException($"tojson(): a {PythonText.TypeName(key)} cannot be a key"),
                },
                layout.AsciiOnly,
                output);
            output.Append(layout.KeySeparator);
            Dump(budget, value, layout, output, depth + 1);
        }

        Close(layout, output, depth, dict.Count, '}');
    }

    private static void Separate(Layout layout, StringBuilder output, int depth, int index)
    {
        output.Append(index > 0 ? layout.ItemSeparator : "");
        NewLine(layout, output, depth);
    }

    private static void Close(Layout layout, StringBuilder output, int depth, int count, char bracket)
    {
        if (count > 0)
        {
            NewLine(layout, output, depth);
        }

        output.Append(bracket);
    }

    private static void NewLine(Layout layout, StringBuilder output, int depth)
    {
        if (layout.Indent is not null)
        {
            output.Append('\n');
            for (int i = 0; i < depth; i++)
            {
                output.Append(layout.Indent);
            }
        }
    }

    private static void Quoted(string text, bool asciiOnly, StringBuilder output)
    {
        output.Append('"');
        foreach (char c in text)
        {
            switch (c)
            {
                case '"': output.Append("\\\""); break;
                case '\\': output.Append(@"\\"); break;
                case '\n': output.Append(@"\n"); break;
                case '\r': output.Append(@"\r"); break;
                case '\t': output.Append(@"\t"); break;
                case '\b': output.Append(@"\b"); break;
                case '\f': output.Append(@"\f"); break;
                default:
                    if (c < 0x20 || (asciiOnly && c > 0x7E))
                    {
                        output.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    }
                    else
                    {
                        output.Append(c);
                    }

                    break;
            }
        }

        output.Append('"');
    }
}
