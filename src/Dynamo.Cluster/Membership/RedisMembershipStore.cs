using StackExchange.Redis;

namespace Dynamo.Cluster.Membership;

/// <summary>Reads and marks the records of the cluster. Thread-safe.</summary>
internal sealed class RedisMembershipStore(ClusterRedis redis, ClusterRecords records, ILocalSiloDetails silo) : IMembershipStore
{
    private readonly string _row = silo.SiloAddress.ToString();

    public async Task<MembershipSnapshot> ReadAsync()
    {
        IDatabase database = await redis.DatabaseAsync();
        Task<bool> hasTable = database.KeyExistsAsync(records.Members);
        Task<bool> hasRow = database.HashExistsAsync(records.Members, _row);
        Task<bool> isMarked = database.KeyExistsAsync(records.Lost);
        await Task.WhenAll(hasTable, hasRow, isMarked);
        return new MembershipSnapshot(await hasTable, await hasRow, await isMarked);
    }

    public async Task MarkAsync() =>
        await (await redis.DatabaseAsync()).StringSetAsync(records.Lost, $"said by {_row}", when: When.NotExists);

    public async Task UnmarkAsync() => await (await redis.DatabaseAsync()).KeyDeleteAsync(records.Lost);
}
