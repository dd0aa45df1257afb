using Dynamo.Simulation.Configuration;

namespace Dynamo.Simulation;

/// <summary>What a simulation gave.</summary>
public sealed record SimulationResult
{
    /// <summary>Every request of the trace, over.</summary>
    public required IReadOnlyList<SimulatedRequest> Requests { get; init; }

    /// <summary>Milliseconds between a request's consecutive tokens, of all requests, in the order they came.</summary>
    public required IReadOnlyList<float> Gaps { get; init; }

    /// <summary>When the last token came.</summary>
    public required double DurationMilliseconds { get; init; }

    /// <summary>By worker: milliseconds in steps.</summary>
    public required IReadOnlyList<double> BusyMilliseconds { get; init; }

    /// <summary>Requests that the router held, and milliseconds for which it did.</summary>
    public required int NumHeld { get; init; }

    /// <summary>See <see cref="NumHeld"/>.</summary>
    public required double HeldMilliseconds { get; init; }

    /// <summary>Requests that routers still know of in the end: 0, or something was forgotten.</summary>
    public required int NumBookedAtEnd { get; init; }

    /// <summary>Blocks that workers still hold in the end: likewise.</summary>
    public required int NumUsedBlocksAtEnd { get; init; }

    /// <summary>Real time that the simulation took.</summary>
    public required TimeSpan WallTime { get; init; }
}
