using Dynamo.Protocol.Routing;

namespace Dynamo.Routing.Configuration;

/// <summary>How a <see cref="Router"/> decides. Not to be changed once one has it.</summary>
public sealed record RouterOptions
{
    /// <summary>How workers are chosen.</summary>
    public string Mode { get; set; } = RouterMode.KV;

    /// <summary>What <see cref="RouterMode.KV"/> minimises.</summary>
    public RouterCost Cost { get; set; } = RouterCost.Time;

    /// <summary>Tokens of a block, the same for all workers.</summary>
    public required int BlockSize { get; set; }

    /// <summary>Parameters of <see cref="RouterCost.Dynamo"/>.</summary>
    public DynamoCostOptions Dynamo { get; set; } = new();

    /// <summary>0: the lowest cost wins, ties at random. Above: drawn, the more evenly the higher.</summary>
    public double Temperature { get; set; }

    /// <summary>Whether the blocks of a prompt count as held where it was sent, as long as it is there, before events say so.</summary>
    public bool PredictOnRoute { get; set; } = true;

    /// <summary>
    /// Whether workers tell which blocks they hold. If not, the blocks of a prompt count as held where it was sent for
    /// <see cref="ApproximateMilliseconds"/> (<c>--no-router-kv-events</c>).
    /// </summary>
    public bool HasKVEvents { get; set; } = true;

    /// <summary>See <see cref="HasKVEvents"/> (<c>--router-ttl-secs</c>).</summary>
    public double ApproximateMilliseconds { get; set; } = 120_000;

    /// <summary>When requests are held, in <see cref="RouterMode.KV"/>; <see langword="null"/>: never.</summary>
    public HoldOptions? Hold { get; set; } = new();

    /// <summary>Whether sessions stay at a worker; <see langword="null"/>: not more than prefixes make them.</summary>
    public SessionOptions? Sessions { get; set; }

    /// <summary>When workers are too busy.</summary>
    public BusyLimits Busy { get; set; } = new();

    /// <summary>See <see cref="Router.Reconcile"/>.</summary>
    public double UnadmittedMilliseconds { get; set; } = 5_000;

    /// <summary>A request of which nothing was heard for so long is taken to be gone.</summary>
    public double StaleMilliseconds { get; set; } = 300_000;

    /// <summary>Workers that a decision explains in full, at least 1: the chosen one and the best others. Of the rest it says how many there are.</summary>
    public int MaxExplained { get; set; } = 16;
}
