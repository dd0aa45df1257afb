namespace Dynamo.Text.Templates.Jinja;

/// <summary>A filter: the value before <c>|</c>, and arguments.</summary>
internal delegate object? FilterFunction(Interpreter interpreter, object? value, Arguments arguments);

/// <summary>The filters of Jinja that make sense in a chat template, with tojson as transformers has it.</summary>
internal static class Filters
{
    public static readonly IReadOnlyDictionary<string, FilterFunction> All = new Dictionary<string, FilterFunction>(StringComparer.Ordinal)
    {
        ["abs"] = (_, value, _) => Numbers.Absolute(value),
        ["attr"] = (_, value, a) => value is Undefined ? new Undefined("there is no value") : Members.OwnAttribute(value, a.RequiredText(0, "name")),
        ["batch"] = SequenceFilters.Batch,
        ["capitalize"] = (i, value, _) => PythonCase.Capitalize(i.Budget, PythonText.Str(i.Budget, value)),
        ["center"] = (i, value, a) => StringMethods.Center(i.Budget, PythonText.Str(i.Budget, value), new Arguments("center", [a.Integer(0, "width", 80)], [])),
        ["count"] = Length,
        ["d"] = Default,
        ["default"] = Default,
        ["dictsort"] = SequenceFilters.DictSort,
        ["e"] = Escape,
        ["escape"] = Escape,
        ["first"] = SequenceFilters.First,
        ["float"] = (_, value, a) => Numbers.Float(value, a),
        ["forceescape"] = (i, value, _) => new Markup(Markup.Escape(PythonText.Str(i.Budget, value))),
        ["format"] = (i, value, a) => PercentFormat.Apply(i.Budget, PythonText.Str(i.Budget, value), a.Named.Count > 0 ? Named(a) : PyList.Tuple(a.Positional)),
        ["from_json"] = (i, value, _) => PythonJson.Load(PythonText.Str(i.Budget, value)),
        ["fromjson"] = (i, value, _) => PythonJson.Load(PythonText.Str(i.Budget, value)),
        ["groupby"] = SequenceFilters.GroupBy,
        ["indent"] = TextFilters.Indent,
        ["int"] = (_, value, a) => Numbers.Integer(value, a),
        ["items"] = (i, value, _) => value is Undefined ? new PyIterator([]) : value is PyDict dict ? new PyIterator(CollectionMethods.Items(i.Budget, dict).Items) : throw Wrong("items", value),
        ["join"] = SequenceFilters.Join,
        ["last"] = SequenceFilters.Last,
        ["length"] = Length,
        ["list"] = (i, value, _) => new PyList(Iteration.List(i.Budget, value)),
        ["lower"] = (i, value, _) => PythonCase.Lower(i.Budget, PythonText.Str(i.Budget, value)),
        ["map"] = SequenceFilters.Map,
        ["max"] = (i, value, a) => SequenceFilters.Extreme(i, value, a, sign: 1),
        ["min"] = (i, value, a) => SequenceFilters.Extreme(i, value, a, sign: -1),
        ["reject"] = (i, value, a) => SequenceFilters.Select(i, value, a, keep: false),
        ["rejectattr"] = (i, value, a) => SequenceFilters.SelectAttribute(i, value, a, keep: false),
        ["replace"] = TextFilters.Replace,
        ["reverse"] = SequenceFilters.Reverse,
        ["round"] = (_, value, a) => Numbers.Round(value, a),
        ["safe"] = (i, value, _) => new Markup(PythonText.Str(i.Budget, value)),
        ["select"] = (i, value, a) => SequenceFilters.Select(i, value, a, keep: true),
        ["selectattr"] = (i, value, a) => SequenceFilters.SelectAttribute(i, value, a, keep: true),
        ["slice"] = SequenceFilters.Columns,
        ["sort"] = SequenceFilters.Sort,
        ["string"] = (i, value, _) => PythonText.Str(i.Budget, value),
        ["sum"] = SequenceFilters.Sum,
        ["title"] = TextFilters.Title,
        ["tojson"] = JsonFilter.Apply,
        ["trim"] = (i, value, a) => StringMethods.Strip(PythonText.Str(i.Budget, value), a, left: true, right: true),
        ["truncate"] = TextFilters.Truncate,
        ["unique"] = SequenceFilters.Unique,
        ["upper"] = (i, value, _) => PythonCase.Upper(i.Budget, PythonText.Str(i.Budget, value)),
        ["urlencode"] = TextFilters.UrlEncode,
        ["wordcount"] = TextFilters.WordCount,
    };

    // Of a text that is markup they give markup again; the others see plain text.
    private static readonly HashSet<string> KeepMarkup =
        new(["capitalize", "center", "indent", "lower", "string", "title", "trim", "truncate", "upper"], StringComparer.Ordinal);

    private static readonly HashSet<string> SeeMarkup = new(["d", "default", "e", "escape", "safe"], StringComparer.Ordinal);

    /// <summary>Applies a filter.</summary>
    public static object? Apply(Interpreter interpreter, FilterFunction filter, object? value, Arguments arguments)
    {
        bool isMarkup = value is Markup;
        if (isMarkup && !SeeMarkup.Contains(arguments.Function))
        {
            value = ((Markup)value!).Text;
        }

        interpreter.Budget.SpendReading((value as string)?.Length ?? 0);
        object? result = filter(interpreter, value, arguments);
        return isMarkup && result is string text && KeepMarkup.Contains(arguments.Function) ? new Markup(text) : result;
    }

    private static object Length(Interpreter interpreter, object? value, Arguments arguments) => value switch
    {
        string text => (long)CodePoints.Count(text),
        PyList list => (long)list.Items.Count,
        PyDict dict => (long)dict.Count,
        LoopValue loop => (long)loop.Items.Items.Count,
        Undefined => 0L,
        _ => throw Wrong("length", value),
    };

    private static object? Default(Interpreter interpreter, object? value, Arguments arguments) =>
        value is Undefined || (arguments.Flag(1, "boolean") && !Evaluator.IsTrue(value)) ? arguments.Get(0, "default_value", "") : value;

    private static object Escape(Interpreter interpreter, object? value, Arguments arguments) =>
        value is Markup ? value : new Markup(Markup.Escape(PythonText.Str(interpreter.Budget, value)));

    private static PyDict Named(Arguments arguments)
    {
        if (arguments.Positional.Count > 0)
        {
            throw new TemplateException("format() takes values by place or by name, not both");
        }

        PyDict dict = new();
        foreach ((string name, object? value) in arguments.Named)
        {
            dict.Set(name, value);
        }

        return dict;
    }

    internal static TemplateException Wrong(string filter, object? value) =>
        new(value is Undefined missing ? $"{missing.Description}, so '{filter}' cannot use it" : $"'{filter}' does not work on a {PythonText.TypeName(value)}");
}
