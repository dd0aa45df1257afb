using Dynamo.Protocol.KV;

namespace Dynamo.Cluster.Events;

/// <summary>Asks one worker. Both throw what a grain call throws when it cannot be reached, and <see cref="Protocol.Wire.WireFormatException"/> when its answer cannot be read.</summary>
internal interface IWorkerEventSource
{
    /// <summary>Events from a number on, the load, and all sequences.</summary>
    /// <returns><see langword="null"/> when that engine is over.</returns>
    Task<EventBatch?> EventsAsync(long first);

    /// <summary>A page of its blocks.</summary>
    /// <returns><see langword="null"/> when that engine is over.</returns>
    Task<KVBlockPage?> PageAsync(int from);
}
