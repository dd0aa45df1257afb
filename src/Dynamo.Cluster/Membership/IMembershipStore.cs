namespace Dynamo.Cluster.Membership;

/// <summary>The records of the cluster in Redis, as one silo sees them. What it throws is a <see cref="StackExchange.Redis.RedisException"/> or <see cref="TimeoutException"/>.</summary>
internal interface IMembershipStore
{
    /// <summary>Reads all of it, in one round trip.</summary>
    Task<MembershipSnapshot> ReadAsync();

    /// <summary>Keeps new silos from joining, unless that is so already.</summary>
    Task MarkAsync();

    /// <summary>Lets new silos join.</summary>
    Task UnmarkAsync();
}

/// <summary>What Redis holds of the cluster at one moment.</summary>
/// <param name="HasTable">The membership table is there.</param>
/// <param name="HasRow">It has this silo's row.</param>
/// <param name="IsMarked">Silos have said that their rows were lost.</param>
internal readonly record struct MembershipSnapshot(bool HasTable, bool HasRow, bool IsMarked);
