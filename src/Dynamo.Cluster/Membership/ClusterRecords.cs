using System.Net;
using Dynamo.Cluster.Settings;
using StackExchange.Redis;

namespace Dynamo.Cluster.Membership;

/// <summary>Names of what a cluster keeps in Redis, and how a user reaches it.</summary>
internal sealed class ClusterRecords(ClusterSettings settings)
{
    /// <summary>Orleans' membership table: a hash with a field per silo and one for its version.</summary>
    public RedisKey Members { get; } = $"{RedisOptions.ServiceId}/members/{settings.ClusterId}";

    /// <summary>Set while silos run whose rows Redis lost.</summary>
    public RedisKey Lost { get; } = $"{RedisOptions.ServiceId}/lost/{settings.ClusterId}";

    /// <summary>The cluster's key, or what a given key is checked by.</summary>
    public RedisKey Key { get; } = $"{RedisOptions.ServiceId}/key/{settings.ClusterId}";

    /// <summary>There while a silo shows that it lives.</summary>
    public RedisKey Presence(SiloAddress silo) => $"{RedisOptions.ServiceId}/alive/{settings.ClusterId}/{silo}";

    /// <summary>Name of the cluster.</summary>
    public string ClusterId => settings.ClusterId;

    /// <summary>Where Redis is, for messages.</summary>
    public string Address { get; } = string.Join(',', settings.Redis.Select(static endpoint => $"{endpoint.Host}:{endpoint.Port}"));

    /// <summary>The command line that removes a record.</summary>
    public string DeleteCommand(RedisKey record)
    {
        DnsEndPoint first = settings.Redis[0];
        return $"redis-cli -h {first.Host} -p {first.Port} DEL {record}";
    }
}
