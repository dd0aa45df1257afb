namespace Dynamo.Protocol.Models;

/// <summary>
/// A model folder that cannot be served: a file is missing, damaged, hostile or asks for something this engine does not do.
/// </summary>
/// <remarks>
/// <see cref="Exception.Message"/> is one line that names the file, the field when there is one, the value found and what is allowed, so
/// that commands print it as it is, without a stack trace.
/// </remarks>
public sealed class ModelFolderException : Exception
{
    /// <summary>Creates the error for one file.</summary>
    /// <param name="file">File name relative to the model folder, for example <c>config.json</c>.</param>
    /// <param name="field">Dotted path of the field inside the file, or <see langword="null"/> when the file as a whole is wrong.</param>
    /// <param name="problem">What was found and what is allowed, without a line break.</param>
    /// <param name="innerException">The cause, kept for logs.</param>
    public ModelFolderException(string file, string? field, string problem, Exception? innerException = null)
        : base(OneLine(field is null ? $"{file}: {problem}" : $"{file}: {field}: {problem}"), innerException)
    {
        File = file;
        Field = field;
    }

    /// <summary>The file at fault, relative to the model folder.</summary>
    public string File { get; }

    /// <summary>The field at fault, or <see langword="null"/>.</summary>
    public string? Field { get; }

    // File names and values come from the folder, so they may hold anything: no control characters, no endless lines.
    private static string OneLine(string text)
    {
        const int maxLength = 600;
        string cut = text.Length <= maxLength ? text : string.Concat(text.AsSpan(0, maxLength), "…");
        return string.Create(cut.Length, cut, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        });
    }
}
