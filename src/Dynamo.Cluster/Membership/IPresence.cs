namespace Dynamo.Cluster.Membership;

/// <summary>
/// Signs of life in Redis that end by Redis' own clock, so that a silo which has died is told from one that is cut off, whatever the hosts'
/// clocks say. What it throws is a <see cref="StackExchange.Redis.RedisException"/> or <see cref="TimeoutException"/>. Thread-safe.
/// </summary>
internal interface IPresence
{
    /// <summary>Shows that this silo lives, for a while.</summary>
    Task ShowAsync(TimeSpan duration);

    /// <summary>Which silos show that they live, in the order asked.</summary>
    Task<bool[]> AreShownAsync(IReadOnlyList<SiloAddress> silos);
}
