using Dynamo.Abstractions.Instances;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Wire;

namespace Dynamo.Cluster.Events;

/// <summary>Asks a worker through the grain of its instance.</summary>
internal sealed class InstanceEventSource(IModelInstanceGrain instance) : IWorkerEventSource
{
    public async Task<EventBatch?> EventsAsync(long first) =>
        await instance.ReadEventsAsync(first) is { } answer ? WireFormat.DecodeEventBatch(answer.Bytes) : null;

    public async Task<KVBlockPage?> PageAsync(int from) =>
        await instance.ListBlocksAsync(from) is { } answer ? WireFormat.DecodeKVBlockPage(answer.Bytes) : null;
}
