using System.Text;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>A filter: the value before <c>|</c>, and arguments.</summary>
internal delegate object? FilterFunction(Interpreter interpreter, object? value, Arguments arguments);

/// <summary>The filters of Jinja that make sense in a chat template, with tojson as transformers has it.</summary>
internal static class Filters
{
    public static readonly IReadOnlyDictionary<string, FilterFunction> All = new Dictionary<string, FilterFunction>(StringComparer.Ordinal)
    {
        ["abs"] = (_, value, _) => value switch { long n => checked(Math.Abs(n)), double d => Math.Abs(d), bool b => b ? 1L : 0L, _ => throw Wrong("abs", value) },
        ["attr"] = (_, value, a) => Members.Attribute(value, a.Text(0, "name", "")),
        ["batch"] = SequenceFilters.Batch,
        ["capitalize"] = (_, value, _) => StringMethods.Capitalize(PythonText.Str(value)),
        ["center"] = (i, value, a) => StringMethods.Find(PythonText.Str(value), "center")!(i, new Arguments("center", [a.Integer(0, "width", 80)], [])),
        ["count"] = Length,
        ["d"] = Default,
        ["default"] = Default,
        ["dictsort"] = SequenceFilters.DictSort,
        ["e"] = Escape,
        ["escape"] = Escape,
        ["first"] = (_, value, _) => Evaluator.Iterate(value).Cast<object?>().DefaultIfEmpty(new Undefined("the sequence is empty")).First(),
        ["float"] = (_, value, a) => Numbers.Float(value, a.Get(0, "default", 0.0)),
        ["format"] = (i, value, a) => PercentFormat.Apply(i.Budget, PythonText.Str(value), new PyList(a.Positional, isTuple: true)),
        ["from_json"] = (_, value, _) => PythonJson.Load(PythonText.Str(value)),
        ["fromjson"] = (_, value, _) => PythonJson.Load(PythonText.Str(value)),
        ["groupby"] = SequenceFilters.GroupBy,
        ["indent"] = Indent,
        ["int"] = (_, value, a) => Numbers.Integer(value, a.Get(0, "default", 0L)),
        ["items"] = (_, value, _) => value is Undefined ? new PyList([]) : value is PyDict dict ? CollectionMethods.Find(dict, "items")!(null!, null!) : throw Wrong("items", value),
        ["join"] = SequenceFilters.Join,
        ["last"] = (_, value, _) => Evaluator.Iterate(value).Cast<object?>().DefaultIfEmpty(new Undefined("the sequence is empty")).Last(),
        ["length"] = Length,
        ["list"] = SequenceFilters.List,
        ["lower"] = (_, value, _) => PythonText.Str(value).ToLowerInvariant(),
        ["map"] = SequenceFilters.Map,
        ["max"] = (_, value, a) => SequenceFilters.Extreme(value, a, sign: 1),
        ["min"] = (_, value, a) => SequenceFilters.Extreme(value, a, sign: -1),
        ["reject"] = (i, value, a) => SequenceFilters.Select(i, value, a, keep: false),
        ["rejectattr"] = (i, value, a) => SequenceFilters.SelectAttribute(i, value, a, keep: false),
        ["replace"] = (i, value, a) => StringMethods.Replace(i.Budget, PythonText.Str(value), a.Text(0, "old", ""), a.Text(1, "new", ""), a.Integer(2, "count", -1)),
        ["reverse"] = (_, value, _) => value is string text ? string.Concat(text.EnumerateRunes().Reverse().Select(static rune => rune.ToString())) : new PyList(Evaluator.Iterate(value).Reverse().ToList()),
        ["round"] = Numbers.Round,
        ["safe"] = (_, value, _) => PythonText.Str(value),
        ["select"] = (i, value, a) => SequenceFilters.Select(i, value, a, keep: true),
        ["selectattr"] = (i, value, a) => SequenceFilters.SelectAttribute(i, value, a, keep: true),
        ["slice"] = SequenceFilters.Columns,
        ["sort"] = SequenceFilters.Sort,
        ["string"] = (_, value, _) => PythonText.Str(value),
        ["sum"] = SequenceFilters.Sum,
        ["title"] = (_, value, _) => StringMethods.Title(PythonText.Str(value)),
        ["tojson"] = ToJson,
        ["trim"] = (_, value, a) => StringMethods.Strip(PythonText.Str(value), a, left: true, right: true),
        ["truncate"] = Truncate,
        ["unique"] = SequenceFilters.Unique,
        ["upper"] = (_, value, _) => PythonText.Str(value).ToUpperInvariant(),
        ["urlencode"] = (_, value, _) => Uri.EscapeDataString(PythonText.Str(value)).Replace("%2F", "/", StringComparison.Ordinal),
        ["wordcount"] = (i, value, _) => (long)((PyList)StringMethods.Find(PythonText.Str(value), "split")!(i, new Arguments("split", [], []))!).Items.Count,
    };

    private static object Length(Interpreter interpreter, object? value, Arguments arguments) => value switch
    {
        string text => (long)text.EnumerateRunes().Count(),
        PyList list => (long)list.Items.Count,
        PyDict dict => (long)dict.Count,
        Undefined => 0L,
        _ => throw Wrong("length", value),
    };

    private static object? Default(Interpreter interpreter, object? value, Arguments arguments) =>
        value is Undefined || (Evaluator.IsTrue(arguments.Get(1, "boolean", false)) && !Evaluator.IsTrue(value)) ? arguments.Get(0, "default_value", "") : value;

    private static object Escape(Interpreter interpreter, object? value, Arguments arguments) => new StringBuilder(PythonText.Str(value))
        .Replace("&", "&amp;").Replace("<", "&lt;").Replace(">", "&gt;").Replace("'", "&#39;").Replace("\"", "&#34;").ToString();

    private static object Indent(Interpreter interpreter, object? value, Arguments arguments)
    {
        string indent = arguments.Get(0, "width", 4L) is string text ? text : new string(' ', (int)Math.Clamp(arguments.Integer(0, "width", 4), 0, 10_000));
        bool first = Evaluator.IsTrue(arguments.Get(1, "first", false));
        bool blank = Evaluator.IsTrue(arguments.Get(2, "blank", false));
        string[] lines = PythonText.Str(value).Split('\n');
        interpreter.Budget.SpendText(PythonText.Str(value).Length + ((long)lines.Length * indent.Length));
        for (int i = 0; i < lines.Length; i++)
        {
            if (i == 0 ? first : blank || lines[i].Length > 0)
            {
                lines[i] = indent + lines[i];
            }
        }

        return string.Join('\n', lines);
    }

    private static object ToJson(Interpreter interpreter, object? value, Arguments arguments)
    {
        string? indent = arguments.Get(1, "indent") switch
        {
            null => arguments.Positional.Count == 1 && arguments.Positional[0] is long first ? Spaces(first) : null,
            long width => Spaces(width),
            string text => text,
            object other => throw Wrong("tojson(indent)", other),
        };
        string item = indent is null ? ", " : ",";
        string key = ": ";
        if (arguments.Get(2, "separators") is PyList { Items: [string givenItem, string givenKey] })
        {
            (item, key) = (givenItem, givenKey);
        }

        bool ascii = Evaluator.IsTrue(arguments.Positional is [bool flag, ..] ? flag : arguments.Named.FirstOrDefault(static named => named.Key == "ensure_ascii").Value);
        bool sort = Evaluator.IsTrue(arguments.Get(3, "sort_keys", false));
        string result = PythonJson.Dump(value, new PythonJson.Layout(indent, item, key, sort, ascii));
        interpreter.Budget.SpendText(result.Length);
        return result;

        static string Spaces(long width) => new(' ', (int)Math.Clamp(width, 0, 100));
    }

    private static object Truncate(Interpreter interpreter, object? value, Arguments arguments)
    {
        string text = PythonText.Str(value);
        int length = (int)Math.Clamp(arguments.Integer(0, "length", 255), 0, int.MaxValue);
        bool kill = Evaluator.IsTrue(arguments.Get(1, "killwords", false));
        string end = arguments.Text(2, "end", "...");
        long leeway = arguments.Integer(3, "leeway", 5);
        if (text.Length <= length + leeway)
        {
            return text;
        }

        string cut = text[..Math.Max(0, length - end.Length)];
        int space = cut.LastIndexOf(' ');
        return (kill || space < 0 ? cut : cut[..space]) + end;
    }

    internal static TemplateException Wrong(string filter, object? value) =>
        new(value is Undefined missing ? $"{missing.Description}, so '{filter}' cannot use it" : $"'{filter}' does not work on a {PythonText.TypeName(value)}");
}
