using Dynamo.Engine.Blocks;
using Dynamo.Protocol.KV;

namespace Dynamo.Engine.Loop;

/// <summary>Turns changes of the block pool into numbered events; blocks stored one behind the other in a step share one. The engine thread's.</summary>
internal sealed class KVEventEmitter(IEngineListener listener) : IBlockPoolListener
{
    private readonly List<BlockKey> _stored = [];
    private readonly List<BlockKey> _removed = [];
    private BlockKey? _parent;

    /// <summary>Number of the last event.</summary>
    public long Last { get; private set; }

    /// <inheritdoc/>
    public void OnStored(BlockKey? parent, BlockKey block)
    {
        FlushRemoved();
        if (_stored.Count == KVEvent.MaxBlocks || (_stored.Count > 0 && _stored[^1] != parent))
        {
            FlushStored();
        }

        if (_stored.Count == 0)
        {
            _parent = parent;
        }

        _stored.Add(block);
    }

    /// <inheritdoc/>
    public void OnRemoved(BlockKey block)
    {
        FlushStored();
        if (_removed.Count == KVEvent.MaxBlocks)
        {
            FlushRemoved();
        }

        _removed.Add(block);
    }

    /// <inheritdoc/>
    public void OnCleared()
    {
        Flush();
        Send(KVEventKind.Cleared, null, []);
    }

    /// <summary>Sends what has gathered; called once a step.</summary>
    public void Flush()
    {
        FlushStored();
        FlushRemoved();
    }

    private void FlushStored()
    {
        if (_stored.Count > 0)
        {
            Send(KVEventKind.Stored, _parent, _stored.ToArray());
            _stored.Clear();
        }
    }

    private void FlushRemoved()
    {
        if (_removed.Count > 0)
        {
            Send(KVEventKind.Removed, null, _removed.ToArray());
            _removed.Clear();
        }
    }

    private void Send(KVEventKind kind, BlockKey? parent, BlockKey[] blocks) =>
        listener.OnKVEvent(new KVEvent
        {
            Number = ++Last,
            Kind = kind,
            Parent = parent,
            Blocks = blocks,
        });
}
