using System.Runtime.InteropServices;
using Dynamo.Protocol.KV;
using Dynamo.Routing.Prefixes;

namespace Dynamo.UnitTests.Routing.Prefixes;

/// <summary>The plain way: a dictionary from block to the set of its holders. What the real index is checked against and measured against.</summary>
internal sealed class DictionaryPrefixIndex : IPrefixIndex
{
    private readonly Dictionary<BlockKey, HashSet<int>> _holders = [];
    private readonly Dictionary<int, long> _numBlocks = [];
    private readonly HashSet<int> _active = [];
    private readonly List<int> _dropped = [];

    public int NumDistinctBlocks => _holders.Count;

    public long NumBlocks(int slot) => _numBlocks.GetValueOrDefault(slot);

    public void Stored(int slot, BlockKey? parent, ReadOnlySpan<BlockKey> blocks)
    {
        long added = 0;
        foreach (BlockKey block in blocks)
        {
            ref HashSet<int>? holders = ref CollectionsMarshal.GetValueRefOrAddDefault(_holders, block, out _);
            added += (holders ??= []).Add(slot) ? 1 : 0;
        }

        _numBlocks[slot] = NumBlocks(slot) + added;
    }

    public int Removed(int slot, ReadOnlySpan<BlockKey> blocks)
    {
        int removed = 0;
        foreach (BlockKey block in blocks)
        {
            if (_holders.TryGetValue(block, out HashSet<int>? holders) && holders.Remove(slot))
            {
                removed++;
                if (holders.Count == 0)
                {
                    _holders.Remove(block);
                }
            }
        }

        _numBlocks[slot] = NumBlocks(slot) - removed;
        return removed;
    }

    public void Cleared(int slot) => Removed(slot, _holders.Where(pair => pair.Value.Contains(slot)).Select(static pair => pair.Key).ToArray());

    public void Match(ReadOnlySpan<BlockKey> prompt, Span<int> depths)
    {
        depths.Clear();
        _active.Clear();
        for (int depth = 0; depth < prompt.Length; depth++)
        {
            if (!_holders.TryGetValue(prompt[depth], out HashSet<int>? holders))
            {
                break;
            }

            if (depth == 0)
            {
                _active.UnionWith(holders);
            }

            _dropped.Clear();
            foreach (int slot in _active)
            {
                if (!holders.Contains(slot))
                {
                    _dropped.Add(slot);
                }
                else if (slot < depths.Length)
                {
                    depths[slot] = depth + 1;
                }
            }

            _active.ExceptWith(_dropped);
            if (_active.Count == 0)
            {
                break;
            }
        }
    }
}
