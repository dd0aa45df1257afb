namespace Dynamo.Text.Templates.Jinja;

/// <summary>The filter tojson as transformers defines it: <c>tojson(ensure_ascii=False, indent=None, separators=None, sort_keys=False)</c>.</summary>
internal static class JsonFilter
{
    public static object? Apply(Interpreter interpreter, object? value, Arguments arguments)
    {
        string? indent = arguments.Get(1, "indent") switch
        {
            null => null,
            bool flag => flag ? " " : "",
            long width and <= 100 => new string(' ', (int)Math.Max(0, width)),
            string text => text,
            object other => throw new TemplateException($"tojson(): indent must be a string or at most 100, is {PythonText.Repr(interpreter.Budget, other)}"),
        };
        (string item, string key) = arguments.Get(2, "separators") switch
        {
            null => (indent is null ? ", " : ",", ": "),
            PyList { Items: [string givenItem, string givenKey] } => (givenItem, givenKey),
            _ => throw new TemplateException("tojson(): separators must be two strings"),
        };
        return PythonJson.Dump(interpreter.Budget, value, new PythonJson.Layout(indent, item, key, arguments.Flag(3, "sort_keys"), arguments.Flag(0, "ensure_ascii")));
    }
}
