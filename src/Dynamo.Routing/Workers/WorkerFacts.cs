using Dynamo.Protocol.Load;
using Dynamo.Routing.Costs;

namespace Dynamo.Routing.Workers;

/// <summary>
/// What decisions look at in a worker, side by side; written anew whenever something of it changes, which is seldom beside the looks.
/// </summary>
internal readonly struct WorkerFacts
{
    public required WorkerId Id { get; init; }

    public required WorkerState State { get; init; }

    public required WorkerLimits Limits { get; init; }

    public required int NumLive { get; init; }

    public required int NumQueued { get; init; }

    public required int BookedBlocks { get; init; }

    public required int BookedPartialBlocks { get; init; }

    public required long QueuedTokens { get; init; }

    /// <summary>Since when the first of the queued prompts has been computed.</summary>
    public required double QueuedSince { get; init; }

    /// <summary>Tokens to compute that were sent there lately, not faded but in the unit of the table's epoch: comparable among workers at any moment.</summary>
    public required double Recent { get; init; }

    public required StepSpeed Speed { get; init; }

    /// <summary>See <see cref="TimeCost.Rate"/>.</summary>
    public required double Rate { get; init; }

    /// <summary>See <see cref="TimeCost.Step"/>.</summary>
    public required double Step { get; init; }

    /// <summary>Milliseconds that the first of the queued prompts has been computed.</summary>
    public double QueuedMilliseconds(double now) => NumQueued == 0 ? 0 : now - QueuedSince;
}
