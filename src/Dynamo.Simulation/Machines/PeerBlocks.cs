using Dynamo.Protocol.KV;

namespace Dynamo.Simulation.Machines;

/// <summary>
/// Blocks of a <see cref="PeerEngine"/>: active ones, counted once however many sequences hold them, and inactive ones that keep their content
/// until they are evicted, least recently released first.
/// </summary>
internal sealed class PeerBlocks
{
    private readonly int _worker;
    private readonly IBlockListener _listener;
    private readonly Dictionary<BlockKey, int> _byKey;
    private readonly Stack<int> _empty;
    private readonly BlockKey[] _keys;
    private readonly bool[] _isNamed;
    private readonly int[] _holders;
    private readonly int[] _next;
    private readonly int[] _previous;

    public PeerBlocks(int numBlocks, int worker, IBlockListener listener)
    {
        (Capacity, _worker, _listener) = (numBlocks, worker, listener);
        _byKey = new Dictionary<BlockKey, int>(numBlocks);
        _empty = new Stack<int>(numBlocks);
        for (int block = numBlocks - 1; block >= 0; block--)
        {
            _empty.Push(block);
        }

        _keys = new BlockKey[numBlocks];
        _isNamed = new bool[numBlocks];
        _holders = new int[numBlocks];

        // One past the last block closes the ring of inactive blocks.
        _next = new int[numBlocks + 1];
        _previous = new int[numBlocks + 1];
        _next[numBlocks] = _previous[numBlocks] = numBlocks;
    }

    public int Capacity { get; }

    public int NumActive { get; private set; }

    public int NumFree => Capacity - NumActive;

    /// <summary>How many of these blocks, from the first on, are there, and how many of those are active.</summary>
    public (int Hits, int Active) Match(ReadOnlySpan<BlockKey> keys)
    {
        int active = 0;
        for (int i = 0; i < keys.Length; i++)
        {
            if (!_byKey.TryGetValue(keys[i], out int block))
            {
                return (i, active);
            }

            active += _holders[block] > 0 ? 1 : 0;
        }

        return (keys.Length, active);
    }

    /// <summary>Holds the block of this name, making it where it is not. One must be free unless it is active.</summary>
    public int Hold(BlockKey key, out bool isNew)
    {
        isNew = !_byKey.TryGetValue(key, out int block);
        if (isNew)
        {
            block = Take();
            _keys[block] = key;
            _isNamed[block] = true;
            _byKey.Add(key, block);
        }
        else if (_holders[block]++ == 0)
        {
            Unlink(block);
            NumActive++;
        }

        return block;
    }

    /// <summary>Holds an empty block without a name. One must be free.</summary>
    public int HoldNew()
    {
        int block = Take();
        _isNamed[block] = false;
        return block;
    }

    /// <summary>Names a block that has become full, so that it keeps its content when it is released.</summary>
    public void Name(int block, BlockKey key)
    {
        if (!_isNamed[block] && _byKey.TryAdd(key, block))
        {
            _keys[block] = key;
            _isNamed[block] = true;
        }
    }

    /// <summary>Gives up a hold. Last block first, so that a sequence is evicted from its end.</summary>
    public void Release(int block)
    {
        if (--_holders[block] > 0)
        {
            return;
        }

        NumActive--;
        if (!_isNamed[block])
        {
            _empty.Push(block);
            return;
        }

        int sentinel = Capacity;
        int last = _previous[sentinel];
        (_previous[block], _next[block]) = (last, sentinel);
        (_next[last], _previous[sentinel]) = (block, block);
    }

    private int Take()
    {
        if (!_empty.TryPop(out int block))
        {
            block = _next[Capacity];
            if (block == Capacity)
            {
                throw new InvalidOperationException($"All {Capacity} blocks of simulated worker {_worker} are active.");
            }

            Unlink(block);
            BlockKey key = _keys[block];
            _byKey.Remove(key);
            _listener.OnRemoved(_worker, new ReadOnlySpan<BlockKey>(in key));
        }

        _holders[block] = 1;
        NumActive++;
        return block;
    }

    private void Unlink(int block)
    {
        (int next, int previous) = (_next[block], _previous[block]);
        (_next[previous], _previous[next]) = (next, previous);
    }
}
