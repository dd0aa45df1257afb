using System.Text;
using System.Text.RegularExpressions;

namespace Dynamo.Text.Templates.Jinja;

/// <summary>Filters on text.</summary>
internal static partial class TextFilters
{
    public static object? Indent(Interpreter interpreter, object? value, Arguments arguments)
    {
        string text = value as string ?? throw Filters.Wrong("indent", value);
        object? width = arguments.Get(0, "width", 4L);
        string indent = width as string ?? Spaces(interpreter.Budget, arguments.Integer(0, "width", 4));
        bool blank = arguments.Flag(2, "blank");
        List<string> lines = Splitting.Lines(text + "\n", keepEnds: false);
        interpreter.Budget.SpendText(text.Length + ((long)lines.Count * indent.Length));
        StringBuilder output = new(arguments.Flag(1, "first") ? indent : "");
        for (int i = 0; i < lines.Count; i++)
        {
            output.Append(i > 0 ? "\n" : "").Append(i > 0 && (blank || lines[i].Length > 0) ? indent : "").Append(lines[i]);
        }

        return output.ToString();
    }

    public static object? Replace(Interpreter interpreter, object? value, Arguments arguments)
    {
        Budget budget = interpreter.Budget;
        return StringMethods.Replace(
            budget,
            PythonText.Str(budget, value),
            PythonText.Str(budget, arguments.Required(0, "old")),
            PythonText.Str(budget, arguments.Required(1, "new")),
            arguments.OptionalInteger(2, "count") ?? -1);
    }

    public static object? Truncate(Interpreter interpreter, object? value, Arguments arguments)
    {
        string text = PythonText.Str(interpreter.Budget, value);
        long length = arguments.Integer(0, "length", 255);
        string end = arguments.Text(2, "end", "...");
        long leeway = arguments.OptionalInteger(3, "leeway") ?? 5;
        long kept = length - CodePoints.Count(end);
        if (kept < 0 || leeway < 0)
        {
            throw new TemplateException($"truncate(): length must be at least {CodePoints.Count(end)} and leeway 0, are {length} and {leeway}");
        }

        if (CodePoints.Count(text) <= length + leeway)
        {
            return text;
        }

        string cut = CodePoints.First(text, kept);
        int space = cut.LastIndexOf(' ');
        return (arguments.Flag(1, "killwords") || space < 0 ? cut : cut[..space]) + end;
    }

    /// <summary>Title letters behind space, hyphen and opening brackets; unlike str.title, an apostrophe is inside a word.</summary>
    public static object? Title(Interpreter interpreter, object? value, Arguments arguments)
    {
        StringBuilder output = new();
        string text = PythonText.Str(interpreter.Budget, value);
        interpreter.Budget.SpendMapping(text.Length);
        foreach (string item in WordBeginning().Split(text))
        {
            int first = CodePoints.Offset(item, 1);
            output.Append(PythonCase.Upper(interpreter.Budget, item[..first])).Append(PythonCase.Lower(interpreter.Budget, item[first..]));
        }

        return output.ToString();
    }

    public static object? WordCount(Interpreter interpreter, object? value, Arguments arguments) => (long)Word().Count(PythonText.Str(interpreter.Budget, value));

    public static object? UrlEncode(Interpreter interpreter, object? value, Arguments arguments)
    {
        Budget budget = interpreter.Budget;
        return value switch
        {
            PyDict dict => Pairs(budget, CollectionMethods.Items(budget, dict).Items),
            PyList list => Pairs(budget, list.Items),
            _ => Uri.EscapeDataString(PythonText.Str(budget, value)).Replace("%2F", "/", StringComparison.Ordinal),
        };
    }

    private static string Pairs(Budget budget, IReadOnlyList<object?> pairs) =>
        StringMethods.Join(budget, "&", pairs.Select(pair => pair is PyList { Items: [var key, var value] } ? $"{Quoted(budget, key)}={Quoted(budget, value)}" : throw new TemplateException("urlencode() needs pairs")));

    private static string Quoted(Budget budget, object? value) => Uri.EscapeDataString(PythonText.Str(budget, value)).Replace("%20", "+", StringComparison.Ordinal);

    private static string Spaces(Budget budget, long count)
    {
        budget.SpendText(Math.Max(0, count));
        return new string(' ', (int)Math.Max(0, count));
    }

    [GeneratedRegex(@"([-\s({\[<]+)", RegexOptions.CultureInvariant)]
    private static partial Regex WordBeginning();

    [GeneratedRegex(@"[\w\p{M}\p{N}]+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
