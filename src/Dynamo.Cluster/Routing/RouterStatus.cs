using Dynamo.Routing.Workers;

namespace Dynamo.Cluster.Routing;

/// <summary>How one router is at one moment. Immutable.</summary>
public sealed record RouterStatus
{
    /// <summary>Its model.</summary>
    public required string Model { get; init; }

    /// <summary>Requests that it holds.</summary>
    public required int NumHeld { get; init; }

    /// <summary>Prompt tokens of those.</summary>
    public required long NumHeldTokens { get; init; }

    /// <summary>What each worker has to do.</summary>
    public required IReadOnlyList<WorkerLoad> Workers { get; init; }
}

/// <summary>What a router has heard of its workers' caches since it began. Immutable.</summary>
/// <param name="Model">Its model.</param>
/// <param name="NumStored">Events applied that blocks were stored.</param>
/// <param name="NumRemoved">Events applied that blocks were removed.</param>
/// <param name="NumCleared">Events applied that all blocks are gone.</param>
/// <param name="NumGaps">Gaps in a worker's numbers.</param>
/// <param name="NumLists">Times that a worker's whole list was read.</param>
/// <param name="NumMismatched">Workers now whose load says that they hold cached blocks and that have told of none.</param>
public readonly record struct EventStatus(string Model, long NumStored, long NumRemoved, long NumCleared, long NumGaps, long NumLists, int NumMismatched);
