namespace Dynamo.Benchmarks.Prefixes;

/// <summary>
/// Operations with their keys one behind the other, so that a replay does not wait for them: the keys of a message that has just come in are in the
/// cache, too.
/// </summary>
internal sealed class OpLog
{
    private const int ChunkLength = 1 << 20;

    private readonly List<ReplayOp> _ops = [];
    private ulong[] _keys = new ulong[ChunkLength];
    private int _used;

    /// <summary>Operations.</summary>
    public int Count => _ops.Count;

    /// <summary>Appends one; its keys are copied.</summary>
    public void Add(ReplayKind kind, int slot, ulong? parent, ReadOnlySpan<ulong> keys)
    {
        if (keys.Length > _keys.Length - _used)
        {
            _keys = new ulong[Math.Max(ChunkLength, keys.Length)];
            _used = 0;
        }

        keys.CopyTo(_keys.AsSpan(_used));
        _ops.Add(new ReplayOp(kind, slot, parent, _keys, _used, keys.Length));
        _used += keys.Length;
    }

    /// <summary>All operations in order.</summary>
    public ReplayOp[] ToArray() => [.. _ops];
}
