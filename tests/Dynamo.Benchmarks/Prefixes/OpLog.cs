using Dynamo.Protocol.KV;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>
/// Operations with their keys one behind the other, so that a replay does not wait for them: the keys of a message that has just come in are in the
/// cache, too.
/// </summary>
internal sealed class OpLog
{
    private const int ChunkLength = 1 << 20;

    private readonly List<ReplayOp> _ops = [];
    private BlockKey[] _keys = new BlockKey[ChunkLength];
    private int _used;

    /// <summary>Operations.</summary>
    public int Count => _ops.Count;

    /// <summary>Appends one; its keys are copied.</summary>
    public void Add(ReplayKind kind, int slot, BlockKey? parent, ReadOnlySpan<BlockKey> keys)
    {
        if (keys.Length > _keys.Length - _used)
        {
            _keys = new BlockKey[Math.Max(ChunkLength, keys.Length)];
            _used = 0;
        }

        keys.CopyTo(_keys.AsSpan(_used));
        _ops.Add(new ReplayOp(kind, slot, parent, _keys, _used, keys.Length));
        _used += keys.Length;
    }

    /// <summary>All operations in order.</summary>
    public ReplayOp[] ToArray() => [.. _ops];
}
