namespace Dynamo.Text.Templates.Jinja;

/// <summary>A template that cannot be parsed or rendered: its own fault, its input's, or what it raised itself. One line.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="line">Line of the template, from 1; 0 when there is none.</param>
public sealed class TemplateException(string message, int line = 0) : Exception(line > 0 ? $"{message} (line {line} of the template)" : message)
{
    /// <summary>Line of the template, from 1; 0 when there is none.</summary>
    public int Line { get; } = line;

    /// <summary>The message without the place.</summary>
    public string Reason { get; } = message;
}
