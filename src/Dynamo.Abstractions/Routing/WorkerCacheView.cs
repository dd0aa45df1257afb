using Dynamo.Protocol.Load;

namespace Dynamo.Abstractions.Routing;

/// <summary>What a router knows of one worker's prefix cache.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.WorkerCacheView")]
public sealed record WorkerCacheView
{
    /// <summary>The worker.</summary>
    [Id(0)]
    public required WorkerId Worker { get; init; }

    /// <summary>Blocks that it is known to hold.</summary>
    [Id(1)]
    public required long NumBlocks { get; init; }

    /// <summary>Number of its last KV event that is included.</summary>
    [Id(2)]
    public required long LastEvent { get; init; }

    /// <summary>Sequences that run and that wait there, as it last told; <see langword="null"/> before.</summary>
    [Id(4)]
    public int? NumRunning { get; init; }

    /// <summary>See <see cref="NumRunning"/>.</summary>
    [Id(5)]
    public int? NumWaiting { get; init; }

    /// <summary>KV blocks that running sequences hold, as it last told.</summary>
    [Id(6)]
    public int? NumUsedBlocks { get; init; }

    /// <summary>Whether nothing is known to be missing.</summary>
    [Id(3)]
    public required bool IsCurrent { get; init; }
}
