namespace Dynamo.Engine.Sharing;

/// <summary>
/// Memory that an engine will come to use and may not use yet: pages count as free until they are written, which for the last KV blocks may be
/// days later. Shared with other processes: the layout is fixed.
/// </summary>
internal struct MemoryClaim
{
    /// <summary>Bytes that it will have taken in the end, over <see cref="BaseBytes"/>.</summary>
    public long PromisedBytes;

    /// <summary>What its process used when it claimed them (<see cref="ProcessMemory"/>).</summary>
    public long BaseBytes;

    /// <summary>The process; 0 when nothing is claimed.</summary>
    public int ProcessId;

    /// <summary>Where the size of its KV cache comes from.</summary>
    public SizingState Sizing;

    /// <summary>Tells equal process ids of different containers apart.</summary>
    public ulong ProcessNamespace;
}

/// <summary>How an engine gets the size of its KV cache.</summary>
internal enum SizingState
{
    /// <summary>A flag says it.</summary>
    Given = 0,

    /// <summary>From free memory, when the weights are loaded.</summary>
    Pending = 1,

    /// <summary>From free memory, done.</summary>
    Done = 2,
}
