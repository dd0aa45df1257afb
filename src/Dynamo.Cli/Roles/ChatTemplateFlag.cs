using System.CommandLine;
using Dynamo.Text.Templates;
using Dynamo.Text.Templates.Jinja;

namespace Dynamo.Cli.Roles;

/// <summary>A chat template in place of the model folder's, under vLLM's name: a file, or the template itself.</summary>
internal sealed class ChatTemplateFlag
{
    private const long MaxBytes = 4 << 20;

    /// <summary>The flag.</summary>
    public Option<string?> Option { get; } = new("--chat-template")
    {
        Description = "Jinja file with the chat template, or the template itself in one line; unless given, the folder's.",
    };

    /// <summary>Reads it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="faults">Takes what is wrong with it.</param>
    /// <returns>The template's source, or <see langword="null"/> when it is not given or there is a fault.</returns>
    public string? Read(ParseResult parsed, List<string> faults)
    {
        if (parsed.GetValue(Option) is not { } value)
        {
            return null;
        }

        // A name of a file has no braces, a template without any would say nothing of a conversation.
        string? source = value.Contains('{', StringComparison.Ordinal) ? value.Replace("\\n", "\n", StringComparison.Ordinal) : FromFile(value, faults);
        try
        {
            _ = source is null ? null : ChatTemplate.Parse(source, new Dictionary<string, string>());
            return source;
        }
        catch (TemplateException e)
        {
            faults.Add($"{Option.Name}: {e.Message}");
            return null;
        }
    }

    private string? FromFile(string path, List<string> faults)
    {
        try
        {
            FileInfo file = new(path);
            if (file is { Exists: true, Length: > 0 and <= MaxBytes })
            {
                return File.ReadAllText(path);
            }

            faults.Add(file.Exists ? $"{Option.Name} {path} has {file.Length:N0} bytes; 1 to {MaxBytes:N0} are read." : $"{Option.Name} {path}: there is no such file.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            faults.Add($"{Option.Name} {path} cannot be read: {e.Message}");
        }

        return null;
    }
}
