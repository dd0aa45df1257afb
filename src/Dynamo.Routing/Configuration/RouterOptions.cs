using Dynamo.Protocol.Routing;

namespace Dynamo.Routing.Configuration;

/// <summary>How a <see cref="Router"/> decides. Immutable.</summary>
public sealed record RouterOptions
{
    /// <summary>How workers are chosen.</summary>
    public string Mode { get; init; } = RouterMode.KV;

    /// <summary>What <see cref="RouterMode.KV"/> minimises.</summary>
    public RouterCost Cost { get; init; } = RouterCost.Time;

    /// <summary>Tokens of a block, the same for all workers.</summary>
    public required int BlockSize { get; init; }

    /// <summary>Parameters of <see cref="RouterCost.Dynamo"/>.</summary>
    public DynamoCostOptions Dynamo { get; init; } = new();

    /// <summary>0: the lowest cost wins, ties at random. Above: drawn, the more evenly the higher.</summary>
    public double Temperature { get; init; }

    /// <summary>Whether the blocks of a prompt count as held where it was sent, as long as it is there, before events say so.</summary>
    public bool PredictOnRoute { get; init; } = true;

    /// <summary>
    /// Whether workers tell which blocks they hold. If not, the blocks of a prompt count as held where it was sent for
    /// <see cref="ApproximateMilliseconds"/> (<c>--no-router-kv-events</c>).
    /// </summary>
    public bool HasKVEvents { get; init; } = true;

    /// <summary>See <see cref="HasKVEvents"/> (<c>--router-ttl-secs</c>).</summary>
    public double ApproximateMilliseconds { get; init; } = 120_000;

    /// <summary>When requests are held, in <see cref="RouterMode.KV"/>; <see langword="null"/>: never.</summary>
    public HoldOptions? Hold { get; init; } = new();

    /// <summary>Whether sessions stay at a worker; <see langword="null"/>: not more than prefixes make them.</summary>
    public SessionOptions? Sessions { get; init; }

    /// <summary>When workers are too busy.</summary>
    public BusyLimits Busy { get; init; } = new();

    /// <summary>See <see cref="Router.Reconcile"/>.</summary>
    public double UnadmittedMilliseconds { get; init; } = 5_000;

    /// <summary>A request of which nothing was heard for so long is taken to be gone.</summary>
    public double StaleMilliseconds { get; init; } = 300_000;

    /// <summary>Workers that a decision explains in full, at least 1: the chosen one and the best others. Of the rest it says how many there are.</summary>
    public int MaxExplained { get; init; } = 16;
}
