using Dynamo.Routing.Workers;

namespace Dynamo.Cluster.Routing;

/// <summary>What one router has done and knows, at one moment. Immutable.</summary>
public sealed record RouterStatus
{
    /// <summary>Its model.</summary>
    public required string Model { get; init; }

    /// <summary>Requests that it holds.</summary>
    public required int NumHeld { get; init; }

    /// <summary>Requests sent to a worker so far, moves included.</summary>
    public required long NumRouted { get; init; }

    /// <summary>Requests refused for overload so far.</summary>
    public required long NumOverloaded { get; init; }

    /// <summary>Prompt tokens of the requests sent.</summary>
    public required long NumPromptTokens { get; init; }

    /// <summary>Of those, the ones that the chosen worker was thought to have.</summary>
    public required long NumOverlapTokens { get; init; }

    /// <summary>Requests that went to a worker although another had more of their prompt.</summary>
    public required long NumNonMaxOverlap { get; init; }

    /// <summary>What each worker has to do.</summary>
    public required IReadOnlyList<WorkerLoad> Workers { get; init; }
}
