namespace Dynamo.Cluster.Security.Membership;

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
