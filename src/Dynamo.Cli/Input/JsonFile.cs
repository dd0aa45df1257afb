namespace Dynamo.Cli.Input;

/// <summary>The file that <c>--json</c> names.</summary>
internal static class JsonFile
{
    /// <summary>Why it cannot be written, as far as can be known before a run whose figures would be lost; <see langword="null"/> when nothing speaks against it.</summary>
    /// <param name="path">What was given; nothing and - are well.</param>
    public static string? Fault(string? path)
    {
        if (path is null or "-")
        {
            return null;
        }

        if (path.Length == 0)
        {
            return "--json needs a file's name, or -.";
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? path;
        return Directory.Exists(path) ? $"--json {path} is a folder; give a file's name."
            : Directory.Exists(folder) ? null
            : $"--json {path}: there is no folder {folder}.";
    }

    /// <summary>Writes it.</summary>
    /// <exception cref="CommandFault">It cannot be written.</exception>
    public static void Write(string path, string json)
    {
        try
        {
            File.WriteAllText(path, json + "\n");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFault($"--json {path}: {e.Message}", e);
        }
    }
}
