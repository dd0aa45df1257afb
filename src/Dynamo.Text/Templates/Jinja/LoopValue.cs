namespace Dynamo.Text.Templates.Jinja;

/// <summary>The variable <c>loop</c>.</summary>
internal sealed class LoopValue(PyList items, int depth)
{
    private object? _lastChanged;

    public PyList Items { get; } = items;

    public int Index { get; set; }

    public int Depth { get; } = depth;

    /// <summary>Renders the loop's body for other items, in a recursive loop.</summary>
    public Function? Recurse { get; init; }

    public object? Attribute(string name) => name switch
    {
        "index" => Index + 1L,
        "index0" => (long)Index,
        "revindex" => (long)(Items.Items.Count - Index),
        "revindex0" => (long)(Items.Items.Count - Index - 1),
        "first" => Index == 0,
        "last" => Index == Items.Items.Count - 1,
        "length" => (long)Items.Items.Count,
        "depth" => Depth + 1L,
        "depth0" => (long)Depth,
        "previtem" => Index > 0 ? Items.Items[Index - 1] : new Undefined("there is no previous item"),
        "nextitem" => Index + 1 < Items.Items.Count ? Items.Items[Index + 1] : new Undefined("there is no next item"),
        "cycle" => (Function)((_, arguments) => arguments.Positional.Count > 0
            ? arguments.Positional[Index % arguments.Positional.Count]
            : throw new TemplateException("loop.cycle() needs an argument")),
        "changed" => (Function)((interpreter, arguments) => Changed(interpreter.Budget, PyList.Tuple(arguments.Positional))),
        _ => new Undefined($"'loop' has no attribute '{name}'"),
    };

    private object Changed(Budget budget, PyList value)
    {
        bool changed = !PythonEquality.AreEqual(budget, _lastChanged, value);
        _lastChanged = value;
        return changed;
    }
}
