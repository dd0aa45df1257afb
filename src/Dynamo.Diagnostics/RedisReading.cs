namespace Dynamo.Diagnostics;

/// <summary>What one Redis server says of itself and of the cluster's membership table.</summary>
public sealed record RedisReading
{
    /// <summary>Fields of its INFO answer.</summary>
    public required IReadOnlyDictionary<string, string> Info { get; init; }

    /// <summary>Middle of five round trips.</summary>
    public required TimeSpan Latency { get; init; }

    /// <summary>The server's clock when it was asked, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>How far its clock is ahead of this host's.</summary>
    public required TimeSpan ClockOffset { get; init; }

    /// <summary>When the membership table expires; <see langword="null"/>: never, or there is none.</summary>
    public required TimeSpan? TableExpiry { get; init; }

    /// <summary>Rows of the membership table.</summary>
    public required IReadOnlyList<MembershipRow> Rows { get; init; }

    /// <summary>Fields of the table that are no rows as Orleans writes them.</summary>
    public required IReadOnlyList<string> UnreadableRows { get; init; }
}
