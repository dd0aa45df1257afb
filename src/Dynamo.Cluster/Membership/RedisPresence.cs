using StackExchange.Redis;

namespace Dynamo.Cluster.Membership;

/// <summary>A key for each silo, which Redis removes when it is not shown again.</summary>
internal sealed class RedisPresence(ClusterRedis redis, ClusterRecords records, ILocalSiloDetails silo) : IPresence
{
    public async Task ShowAsync(TimeSpan duration) =>
        await (await redis.DatabaseAsync()).StringSetAsync(records.Presence(silo.SiloAddress), silo.DnsHostName, duration);

    public async Task<bool[]> AreShownAsync(IReadOnlyList<SiloAddress> silos)
    {
        IDatabase database = await redis.DatabaseAsync();
        return await Task.WhenAll(silos.Select(address => database.KeyExistsAsync(records.Presence(address))));
    }
}
