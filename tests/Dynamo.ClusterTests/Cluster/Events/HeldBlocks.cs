using System.Runtime.InteropServices;
using Dynamo.Cluster.Events;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;

namespace Dynamo.ClusterTests.Cluster.Events;

/// <summary>Which blocks each worker holds, as a set for each. Not thread-safe.</summary>
internal sealed class HeldBlocks : IKVEventSink
{
    private readonly Dictionary<WorkerId, HashSet<ulong>> _held = [];

    /// <summary>Blocks of a worker.</summary>
    public int NumBlocks(WorkerId worker) => Of(worker).Count;

    /// <summary>Blocks of a worker, in no order.</summary>
    public IReadOnlyCollection<ulong> Of(WorkerId worker) => _held.GetValueOrDefault(worker) ?? [];

    /// <summary>Thrown when blocks are stored next.</summary>
    public Exception? Fault { get; set; }

    public void Stored(WorkerId worker, BlockKey? parent, ReadOnlySpan<BlockKey> blocks)
    {
        if (Fault is { } fault)
        {
            Fault = null;
            throw fault;
        }

        ref HashSet<ulong>? held = ref CollectionsMarshal.GetValueRefOrAddDefault(_held, worker, out _);
        held ??= [];
        foreach (BlockKey block in blocks)
        {
            held.Add(block.Value);
        }
    }

    public void Removed(WorkerId worker, ReadOnlySpan<BlockKey> blocks)
    {
        if (_held.TryGetValue(worker, out HashSet<ulong>? held))
        {
            foreach (BlockKey block in blocks)
            {
                held.Remove(block.Value);
            }
        }
    }

    public void Cleared(WorkerId worker) => _held.Remove(worker);

    public void Gone(WorkerId worker) => _held.Remove(worker);

    /// <summary>What workers said last that they run.</summary>
    public Dictionary<WorkerId, IReadOnlyList<RequestId>> Live { get; } = [];

    public void Alive(WorkerId worker, IReadOnlyList<RequestId> sequences) => Live[worker] = sequences;

    public void Reported(LoadReport load)
    {
    }
}
