using System.Numerics;
using Dynamo.Protocol.KV;
using Dynamo.Routing.Prefixes;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>
/// The usual tree: a node per block with its children by key and a bitmap of holders, and a dictionary from key to node for events. Exact while every
/// block's parent is known when it comes, as in the replayed load.
/// </summary>
/// <param name="numSlots">Slots.</param>
internal sealed class NodeTreePrefixIndex(int numSlots) : IPrefixIndex
{
    private readonly Node _root = new(default, null, 0);
    private readonly Dictionary<BlockKey, Node> _nodes = [];
    private readonly long[] _numBlocks = new long[numSlots];
    private readonly ulong[] _active = new ulong[(numSlots + 63) / 64];

    public long NumBlocks(int slot) => _numBlocks[slot];

    public void Stored(int slot, BlockKey? parent, ReadOnlySpan<BlockKey> blocks)
    {
        Node node = parent is { } key ? _nodes[key] : _root;
        foreach (BlockKey block in blocks)
        {
            Node? child = null;
            if (node.Children is null || !node.Children.TryGetValue(block, out child))
            {
                child = new Node(block, node, _active.Length);
                (node.Children ??= []).Add(block, child);
                _nodes.Add(block, child);
            }

            ulong bit = 1ul << (slot & 63);
            if ((child.Holders[slot >> 6] & bit) == 0)
            {
                child.Holders[slot >> 6] |= bit;
                _numBlocks[slot]++;
            }

            node = child;
        }
    }

    public int Removed(int slot, ReadOnlySpan<BlockKey> blocks)
    {
        int removed = 0;
        foreach (BlockKey block in blocks)
        {
            ulong bit = 1ul << (slot & 63);
            if (_nodes.TryGetValue(block, out Node? node) && (node.Holders[slot >> 6] & bit) != 0)
            {
                node.Holders[slot >> 6] &= ~bit;
                removed++;
                for (; node.Parent is not null && node.Children is null or { Count: 0 } && !node.Holders.AsSpan().ContainsAnyExcept(0ul); node = node.Parent)
                {
                    node.Parent!.Children!.Remove(node.Key);
                    _nodes.Remove(node.Key);
                }
            }
        }

        _numBlocks[slot] -= removed;
        return removed;
    }

    public void Cleared(int slot) => throw new NotSupportedException("The replayed load clears nobody.");

    public void Match(ReadOnlySpan<BlockKey> prompt, Span<int> depths)
    {
        depths.Clear();
        _active.AsSpan().Fill(ulong.MaxValue);
        Node node = _root;
        for (int depth = 0; depth < prompt.Length; depth++)
        {
            if (node.Children is null || !node.Children.TryGetValue(prompt[depth], out Node? child))
            {
                End(depths, depth);
                return;
            }

            ulong any = 0;
            for (int word = 0; word < _active.Length; word++)
            {
                ulong held = _active[word] & child.Holders[word];
                for (ulong gone = depth == 0 ? 0 : _active[word] & ~held; gone != 0; gone &= gone - 1)
                {
                    depths[(word << 6) + BitOperations.TrailingZeroCount(gone)] = depth;
                }

                _active[word] = held;
                any |= held;
            }

            if (any == 0)
            {
                return;
            }

            node = child;
        }

        End(depths, prompt.Length);
    }

    private void End(Span<int> depths, int depth)
    {
        for (int word = 0; depth > 0 && word < _active.Length; word++)
        {
            for (ulong slots = _active[word]; slots != 0; slots &= slots - 1)
            {
                depths[(word << 6) + BitOperations.TrailingZeroCount(slots)] = depth;
            }
        }
    }

    private sealed class Node(BlockKey key, Node? parent, int numWords)
    {
        public BlockKey Key { get; } = key;

        public Node? Parent { get; } = parent;

        public Dictionary<BlockKey, Node>? Children { get; set; }

        public ulong[] Holders { get; } = numWords == 0 ? [] : new ulong[numWords];
    }
}
