using Dynamo.Cluster.Hosting;
using StackExchange.Redis;

namespace Dynamo.Cluster.Security.Membership;

/// <summary>Reads and marks the records over a connection of its own. Connects when first used; calls must not overlap.</summary>
internal sealed class RedisMembershipStore(ClusterSettings settings, ClusterRecords records, ILocalSiloDetails silo) : IMembershipStore, IAsyncDisposable
{
    private readonly string _row = silo.SiloAddress.ToString();
    private ConnectionMultiplexer? _redis;

    public async Task<MembershipSnapshot> ReadAsync()
    {
        IDatabase redis = await DatabaseAsync();
        Task<bool> hasTable = redis.KeyExistsAsync(records.Members);
        Task<bool> hasRow = redis.HashExistsAsync(records.Members, _row);
        Task<bool> isMarked = redis.KeyExistsAsync(records.Lost);
        await Task.WhenAll(hasTable, hasRow, isMarked);
        return new MembershipSnapshot(await hasTable, await hasRow, await isMarked);
    }

    public async Task MarkAsync() =>
        await (await DatabaseAsync()).StringSetAsync(records.Lost, $"said by {_row}", when: When.NotExists);

    public async Task UnmarkAsync() => await (await DatabaseAsync()).KeyDeleteAsync(records.Lost);

    public async ValueTask DisposeAsync()
    {
        if (_redis is not null)
        {
            await _redis.DisposeAsync();
        }
    }

    private async Task<IDatabase> DatabaseAsync() =>
        (_redis ??= await ConnectionMultiplexer.ConnectAsync(RedisClusterExtensions.Redis(settings))).GetDatabase();
}
