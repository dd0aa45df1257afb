using System.Collections;

namespace Dynamo.Hosting.Telemetry;

/// <summary>The environment of the process.</summary>
internal static class EnvironmentVariables
{
    /// <summary>All variables.</summary>
    public static IReadOnlyDictionary<string, string?> All =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(static variable => (string)variable.Key, static variable => (string?)variable.Value, StringComparer.Ordinal);
}
