namespace Dynamo.EndToEndTests.Processes;

/// <summary>The servers of others that a cluster needs.</summary>
internal static class StoreServers
{
    /// <summary>Why no cluster can be started here, or <see langword="null"/>.</summary>
    public static string? WhyNot { get; } = Missing();

    private static string? Missing()
    {
        string[] folders = [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'), "/usr/sbin"];
        string[] missing = [.. ((string[])["redis-server", "nats-server"]).Where(program => !folders.Any(folder => File.Exists(Path.Combine(folder, program))))];
        return missing.Length == 0 ? null : $"needs {string.Join(" and ", missing)}: apt-get install {string.Join(' ', missing)}";
    }
}
