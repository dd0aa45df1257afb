namespace Dynamo.Cluster.Settings;

/// <summary>Reads a password from a file, as orchestrators mount them.</summary>
internal static class SecretFile
{
    private const int MaxSize = 4096;

    /// <summary>Reads it, without the end of its line.</summary>
    /// <param name="path">The file.</param>
    /// <param name="variable">What names it, for faults.</param>
    /// <param name="faults">Takes what is wrong, without any of the secret.</param>
    public static string? Read(string path, string variable, ICollection<string> faults)
    {
        try
        {
            if (new FileInfo(path).Length <= MaxSize)
            {
                return File.ReadAllText(path).TrimEnd('\r', '\n');
            }

            faults.Add($"the file '{path}' of {variable} is larger than {MaxSize} bytes; it must hold the password alone.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add($"{variable} cannot be read: {e.Message}");
        }

        return null;
    }
}
