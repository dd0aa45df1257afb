namespace Dynamo.Security.Keys;

/// <summary>Reads the cluster key that the user gives, from a file or the environment.</summary>
public static class ClusterKeyReader
{
    /// <summary>The key itself.</summary>
    public const string Variable = "DYN_CLUSTER_KEY";

    /// <summary>Names a file that holds the key.</summary>
    public const string FileFlag = "--cluster-key-file";

    private const int MaxFileSize = 1024;

    /// <summary>Reads the key; the file wins over the environment.</summary>
    /// <param name="path">Value of <see cref="FileFlag"/>, or <see langword="null"/>.</param>
    /// <param name="environment">Value of a variable, or <see langword="null"/>.</param>
    /// <param name="faults">Takes what is wrong, without any of the key.</param>
    /// <returns><see langword="null"/> when none is given or it is wrong.</returns>
    public static ClusterKey? Read(string? path, Func<string, string?> environment, ICollection<string> faults)
    {
        if (path is not null)
        {
            return ReadFile(path, faults) is { } text ? Parse(text, $"the file '{path}' of {FileFlag}", faults) : null;
        }

        return environment(Variable) is { Length: > 0 } value ? Parse(value, Variable, faults) : null;
    }

    private static string? ReadFile(string path, ICollection<string> faults)
    {
        try
        {
            if (new FileInfo(path).Length <= MaxFileSize)
            {
                return File.ReadAllText(path);
            }

            faults.Add($"the file '{path}' of {FileFlag} is larger than {MaxFileSize} bytes; a key is {2 * ClusterKey.Size} hexadecimal digits.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add($"{FileFlag} cannot be read: {e.Message}");
        }

        return null;
    }

    private static ClusterKey? Parse(string text, string source, ICollection<string> faults)
    {
        ClusterKey? key = ClusterKey.Parse(text);
        if (key is null)
        {
            faults.Add($"{source} must hold {ClusterKey.Size} bytes as {2 * ClusterKey.Size} hexadecimal digits or in base64, has {text.Trim().Length} characters of something else; "
                + "'openssl rand -hex 32' makes one.");
        }

        return key;
    }
}
