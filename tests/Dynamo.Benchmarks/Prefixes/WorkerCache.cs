using Dynamo.Protocol.KV;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>A worker's blocks by last use; of one sequence the end goes first.</summary>
/// <param name="capacity">Blocks it can hold.</param>
internal sealed class WorkerCache(int capacity)
{
    private readonly LinkedList<BlockKey> _order = new();
    private readonly Dictionary<BlockKey, LinkedListNode<BlockKey>> _nodes = [];

    /// <summary>Blocks held.</summary>
    public int Count => _nodes.Count;

    /// <summary>Whether a block is held.</summary>
    public bool Contains(BlockKey key) => _nodes.ContainsKey(key);

    /// <summary>Stores blocks of a sequence whose earlier blocks were used just now.</summary>
    /// <returns>What had to go.</returns>
    public BlockKey[] Add(BlockKey[] keys, int start, int count)
    {
        for (int i = start; i < start + count; i++)
        {
            if (!_nodes.ContainsKey(keys[i]))
            {
                _nodes.Add(keys[i], _order.AddLast(keys[i]));
            }
        }

        List<BlockKey> evicted = [];
        while (_nodes.Count > capacity)
        {
            evicted.Add(_order.First!.Value);
            _nodes.Remove(_order.First.Value);
            _order.RemoveFirst();
        }

        return [.. evicted];
    }

    /// <summary>Notes a use.</summary>
    public void Used(ReadOnlySpan<BlockKey> keys)
    {
        for (int i = keys.Length - 1; i >= 0; i--)
        {
            if (_nodes.TryGetValue(keys[i], out LinkedListNode<BlockKey>? node))
            {
                _order.Remove(node);
                _order.AddLast(node);
            }
        }
    }
}
