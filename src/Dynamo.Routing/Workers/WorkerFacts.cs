using Dynamo.Protocol.Load;

namespace Dynamo.Routing.Workers;

/// <summary>What explanations of decisions show of a worker. Immutable: all decisions between two changes of a worker have the same.</summary>
internal sealed class WorkerFacts
{
    public required WorkerId Id { get; init; }

    public required WorkerLimits Limits { get; init; }

    public required int NumLive { get; init; }

    public required int NumQueued { get; init; }

    public required int BookedBlocks { get; init; }

    public required int BookedPartialBlocks { get; init; }

    public required long QueuedTokens { get; init; }

    /// <summary>Since when the first of the queued prompts has been computed.</summary>
    public required double QueuedSince { get; init; }

    /// <summary>See <see cref="WorkerColumns.Recent"/>.</summary>
    public required double Recent { get; init; }

    public required StepSpeed Speed { get; init; }

    /// <summary>Milliseconds that the first of the queued prompts has been computed.</summary>
    public double QueuedMilliseconds(double now) => NumQueued == 0 ? 0 : now - QueuedSince;
}
