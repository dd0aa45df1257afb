namespace Dynamo.Protocol.Load;

/// <summary>How busy one engine is, taken between two steps.</summary>
public sealed record LoadReport
{
    /// <summary>The worker.</summary>
    public required WorkerId Worker { get; init; }

    /// <summary>Its generation.</summary>
    public required long Generation { get; init; }

    /// <summary>Engine steps run so far; never lower in a later report.</summary>
    public required long Step { get; init; }

    /// <summary>Sequences that hold blocks and are computed each step.</summary>
    public required int NumRunning { get; init; }

    /// <summary>Sequences admitted to the queue, not yet running (preempted ones included).</summary>
    public required int NumWaiting { get; init; }

    /// <summary>Prompt tokens of waiting and running sequences still to be computed.</summary>
    public required long NumQueuedPrefillTokens { get; init; }

    /// <summary>Blocks held by running sequences.</summary>
    public required int NumUsedBlocks { get; init; }

    /// <summary>Free blocks that still hold a cached prefix.</summary>
    public required int NumCachedBlocks { get; init; }

    /// <summary>All blocks of the pool.</summary>
    public required int NumTotalBlocks { get; init; }

    /// <summary>Sequences preempted so far.</summary>
    public required long NumPreemptions { get; init; }

    /// <summary>Prompt tokens looked up in the prefix cache so far, and of those, found.</summary>
    public required long NumPrefixQueryTokens { get; init; }

    /// <summary>See <see cref="NumPrefixQueryTokens"/>.</summary>
    public required long NumPrefixHitTokens { get; init; }

    /// <summary>Number of the last KV event before this report, so that a listener sees what it missed.</summary>
    public required long LastKVEvent { get; init; }

    /// <summary>The last step: tokens computed in sequences that were still in their prompt.</summary>
    public int LastStepPrefillTokens { get; init; }

    /// <summary>The last step: sequences that decoded one token.</summary>
    public int LastStepDecodeSequences { get; init; }

    /// <summary>The last step's duration in microseconds, scheduling and sampling included.</summary>
    public long LastStepMicroseconds { get; init; }
}
