using Xunit;

namespace Dynamo.EndToEndTests.Doctor;

/// <summary>Runs where redis-server and nats-server are installed; elsewhere the test is skipped and says so.</summary>
internal sealed class ServersFactAttribute : FactAttribute
{
    public ServersFactAttribute()
    {
        string[] missing = [.. new[] { "redis-server", "nats-server" }.Where(static program => !IsOnPath(program))];
        Skip = missing.Length == 0 ? null! : $"needs {string.Join(" and ", missing)} on the PATH";
    }

    private static bool IsOnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));
}
