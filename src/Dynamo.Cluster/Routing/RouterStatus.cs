using Dynamo.Routing.Workers;

namespace Dynamo.Cluster.Routing;

/// <summary>How one router is at one moment. Immutable.</summary>
internal sealed record RouterStatus
{
    /// <summary>The router's model.</summary>
    public required string Model { get; init; }

    /// <summary>Requests that it holds.</summary>
    public required int NumHeld { get; init; }

    /// <summary>Prompt tokens of those.</summary>
    public required long NumHeldTokens { get; init; }

    /// <summary>What each worker has to do.</summary>
    public required IReadOnlyList<WorkerLoad> Workers { get; init; }
}
