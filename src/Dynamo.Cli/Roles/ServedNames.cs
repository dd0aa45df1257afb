namespace Dynamo.Cli.Roles;

/// <summary>The names under which a model is served: the first is in answers and metrics, the others are only for requests.</summary>
internal static class ServedNames
{
    private const string HubPrefix = "models--";
    private const int MaxLength = 256;
    private const int MaxNames = 64;

    /// <summary>Puts them together; without any, the folder gives one.</summary>
    /// <param name="flag">The flag that gives them, for faults.</param>
    /// <param name="given">What was given.</param>
    /// <param name="modelPath">The folder.</param>
    /// <param name="faults">Takes what is wrong with them.</param>
    public static (string Name, string[] Aliases) Read(string flag, IReadOnlyList<string> given, string modelPath, List<string> faults)
    {
        foreach (string name in given)
        {
            if (name.Length is 0 or > MaxLength)
            {
                faults.Add($"{flag} must have 1 to {MaxLength} characters, has {name.Length}.");
            }
        }

        string[] names = [.. given.Distinct(StringComparer.Ordinal)];
        if (names.Length > MaxNames)
        {
            faults.Add($"{flag} may give at most {MaxNames} names, gives {names.Length}.");
        }

        return names.Length == 0 ? (OfFolder(modelPath), []) : (names[0], names[1..]);
    }

    // The folder's own name, or organisation/model for a snapshot in a hub cache (models--org--name/snapshots/REVISION).
    private static string OfFolder(string modelPath)
    {
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(modelPath));
        string? repository = Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(path)));
        return repository is not null && repository.StartsWith(HubPrefix, StringComparison.Ordinal)
            ? repository[HubPrefix.Length..].Replace("--", "/", StringComparison.Ordinal)
            : Path.GetFileName(path);
    }
}
