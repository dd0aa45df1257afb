using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;

namespace Dynamo.Protocol.KV;

/// <summary>What one worker tells routers at once: events that follow each other, how busy it is, or both.</summary>
public sealed record EventBatch
{
    /// <summary>Most events of a batch that is published.</summary>
    public const int MaxEvents = 1024;

    /// <summary>A published batch is closed with the event that brings it to so many blocks, so with <see cref="KVEvent.MaxBlocks"/> it stays below NATS' limit of 1 MiB.</summary>
    public const int MaxBlocks = 8192;

    /// <summary>The worker.</summary>
    public required WorkerId Worker { get; init; }

    /// <summary>Its generation.</summary>
    public required long Generation { get; init; }

    /// <summary>Events with numbers that follow each other; may be empty.</summary>
    public IReadOnlyList<KVEvent> Events { get; init; } = [];

    /// <summary>
    /// Load taken before the events were gathered; its last event is not beyond those of this batch and earlier ones, so a listener that has
    /// not heard of it has missed something.
    /// </summary>
    public LoadReport? Load { get; init; }

    /// <summary>All sequences that are not over at the worker, when it is time to tell.</summary>
    public IReadOnlyList<RequestId>? Live { get; init; }
}
