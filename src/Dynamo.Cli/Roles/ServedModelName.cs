namespace Dynamo.Cli.Roles;

/// <summary>The name under which a folder is served when no <c>--served-model-name</c> is given.</summary>
internal static class ServedModelName
{
    private const string HubPrefix = "models--";

    /// <summary>The folder's own name, or <c>organisation/model</c> for a snapshot in a hub cache (<c>models--org--name/snapshots/REVISION</c>).</summary>
    public static string Of(string modelPath)
    {
        string path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(modelPath));
        string? repository = Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(path)));
        return repository is not null && repository.StartsWith(HubPrefix, StringComparison.Ordinal)
            ? repository[HubPrefix.Length..].Replace("--", "/", StringComparison.Ordinal)
            : Path.GetFileName(path);
    }
}
