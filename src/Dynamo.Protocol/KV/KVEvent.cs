namespace Dynamo.Protocol.KV;

/// <summary>What happened to a worker's prefix cache. Values are on the wire: append only.</summary>
public enum KVEventKind : byte
{
    /// <summary>Blocks became reusable.</summary>
    Stored = 1,

    /// <summary>Blocks were evicted.</summary>
    Removed = 2,

    /// <summary>All blocks are gone.</summary>
    Cleared = 3,
}

/// <summary>A change of one worker's prefix cache; whose, its <see cref="EventBatch"/> says. Numbered from 1 without gaps within a generation, so a listener can tell what it missed.</summary>
public sealed record KVEvent
{
    /// <summary>Most blocks of one event: what changes more at once is told in several.</summary>
    public const int MaxBlocks = 4096;

    /// <summary>Position in the worker's stream of events.</summary>
    public required long Number { get; init; }

    /// <summary>What happened.</summary>
    public required KVEventKind Kind { get; init; }

    /// <summary>Stored: the block before the first of <see cref="Blocks"/>, or <see langword="null"/> at the start of a sequence.</summary>
    public BlockKey? Parent { get; init; }

    /// <summary>Stored: consecutive blocks, first to last. Removed: any blocks. Cleared: empty. Must not change.</summary>
    public BlockKey[] Blocks { get; init; } = [];
}
