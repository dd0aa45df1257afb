using Dynamo.Protocol.Load;

namespace Dynamo.Protocol.KV;

/// <summary>
/// Part of the list of all blocks that a worker's prefix cache holds. Pages are taken one by one while the cache changes, and still make an
/// exact list together with the events after the first page's <see cref="LastEvent"/>: a block that no such event names was there all the
/// time, and for one that is named the last event decides.
/// </summary>
public sealed record KVBlockPage
{
    /// <summary>The worker.</summary>
    public required WorkerId Worker { get; init; }

    /// <summary>Its generation.</summary>
    public required long Generation { get; init; }

    /// <summary>Number of the last event before this page was taken.</summary>
    public required long LastEvent { get; init; }

    /// <summary>Where the next page begins, or <see langword="null"/> when this is the last.</summary>
    public int? Next { get; init; }

    /// <summary>Blocks, in runs of one behind the other; the runs are in no order.</summary>
    public required IReadOnlyList<KVBlockRun> Runs { get; init; }
}

/// <summary>Consecutive blocks.</summary>
/// <param name="Parent">The block before the first, or <see langword="null"/> at the start of a sequence. It need not be in the list.</param>
/// <param name="Blocks">First to last; must not change.</param>
public readonly record struct KVBlockRun(BlockKey? Parent, BlockKey[] Blocks);
