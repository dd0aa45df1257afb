using System.Net;
using Dynamo.Cluster.Settings;

namespace Dynamo.Diagnostics;

/// <summary>Looks for what the environment variables say against each other. What they say wrong each for itself, <see cref="ClusterSettingsReader"/> finds.</summary>
public static class EnvironmentCheck
{
    private const string Name = "environment";

    // The oldest form of Dynamo's guide named it so.
    private const string NatsVariableMisspelt = "NATS_SERVERS";

    /// <summary>Looks at settings that were read without a fault.</summary>
    /// <param name="environment">Value of a variable, or <see langword="null"/>.</param>
    /// <param name="settings">What was made of them.</param>
    public static IEnumerable<Finding> Findings(Func<string, string?> environment, ClusterSettings settings)
    {
        string servers = string.Join(",", settings.Redis.Select(static endpoint => $"{endpoint.Host}:{endpoint.Port}"));
        yield return Finding.Ok(Name, $"cluster {settings.ClusterId}", $"Redis {servers} ({settings.RedisAccess}), NATS {settings.Nats?.Address ?? "none (events travel in grain calls)"}");

        string? head = Value(ClusterSettingsReader.HeadNodeVariable);
        bool isRedisLocal = settings.Redis.All(static endpoint => IsLoopback(endpoint.Host));
        if (Value(ClusterSettingsReader.EtcdVariable) is { } etcd)
        {
            yield return Finding.Warn(
                Name,
                ClusterSettingsReader.EtcdVariable,
                $"is '{etcd}' and is not used: members are kept in Redis",
                $"unset {ClusterSettingsReader.EtcdVariable}");
        }

        if (Value(NatsVariableMisspelt) is { } misspelt && Value(ClusterSettingsReader.NatsVariable) is null)
        {
            yield return Finding.Warn(Name, NatsVariableMisspelt, $"is '{misspelt}' and is not read", $"export {ClusterSettingsReader.NatsVariable}='{misspelt}'");
        }

        if (head is not null && !settings.Redis.Any(endpoint => endpoint.Host == head) && isRedisLocal != IsLoopback(head))
        {
            yield return Finding.Warn(
                Name,
                ClusterSettingsReader.RedisVariable,
                $"is '{servers}', but {ClusterSettingsReader.HeadNodeVariable} is '{head}': processes of other nodes will look for Redis elsewhere",
                $"export {ClusterSettingsReader.RedisVariable}={head}:{settings.Redis[0].Port} on every node, or unset one of the two");
        }

        if (Value(ClusterSettingsReader.NatsVariable) is not null && settings.Nats?.First is { } nats && IsLoopback(nats.Host) != isRedisLocal)
        {
            yield return Finding.Warn(
                Name,
                ClusterSettingsReader.NatsVariable,
                $"is '{nats.Authority}' while Redis is at {servers}: one is on this host alone, the other is not",
                $"export {ClusterSettingsReader.NatsVariable}=nats://HOST:{nats.Port} with a host that every node reaches");
        }

        string? Value(string variable) => environment(variable) is { Length: > 0 } value ? value : null;
    }

    /// <summary>Whether a name means this host alone.</summary>
    internal static bool IsLoopback(string host) => host == "localhost" || (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address) && IPAddress.IsLoopback(address));
}
