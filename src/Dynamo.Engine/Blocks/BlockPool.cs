using Dynamo.Protocol.KV;

namespace Dynamo.Engine.Blocks;

/// <summary>
/// The KV blocks of one engine: who holds them, which are free and which of the free still hold a prefix that can be reused. Knows ids
/// only, never memory. Not thread-safe: the engine thread's.
/// </summary>
/// <remarks>
/// A block is held (count above 0) or in the free list. A full block may be cached, held or free: found by its chained hash until it is
/// evicted, which happens when <see cref="Allocate"/> takes it from the head of the free list. Two sequences that fill equal blocks at the
/// same time keep their own, so block tables are append-only; only the first is findable, and the other can be offered again when it is gone.
/// </remarks>
internal sealed class BlockPool
{
    private readonly FreeList _free;
    private readonly int[] _holders;
    private readonly bool[] _isCached;
    private readonly bool[] _isFirst;
    private readonly SequenceHash[] _hashes;
    private readonly SequenceHash[] _parents;
    private readonly int[] _tokens;
    private readonly Dictionary<SequenceHash, int> _cached;
    private readonly IBlockPoolListener? _listener;

    /// <summary>All blocks free and empty.</summary>
    public BlockPool(int numBlocks, int blockSize, IBlockPoolListener? listener = null)
    {
        NumBlocks = numBlocks;
        BlockSize = blockSize;
        _listener = listener;
        _free = new FreeList(numBlocks);
        _holders = new int[numBlocks];
        _isCached = new bool[numBlocks];
        _isFirst = new bool[numBlocks];
        _hashes = new SequenceHash[numBlocks];
        _parents = new SequenceHash[numBlocks];
        _tokens = new int[checked(numBlocks * blockSize)];
        _cached = new Dictionary<SequenceHash, int>(numBlocks);
    }

    /// <summary>All blocks.</summary>
    public int NumBlocks { get; }

    /// <summary>Tokens of a block.</summary>
    public int BlockSize { get; }

    /// <summary>Blocks that nobody holds, cached or not.</summary>
    public int NumFree => _free.Count;

    /// <summary>Blocks that somebody holds.</summary>
    public int NumUsed => NumBlocks - _free.Count;

    /// <summary>Blocks, held or free, that can be found by hash.</summary>
    public int NumCached => _cached.Count;

    /// <summary>Free blocks that can be found by hash.</summary>
    public int NumFreeCached { get; private set; }

    /// <summary>Free blocks from the next to be evicted to the last; for tests and checks.</summary>
    public IEnumerable<int> EvictionOrder => _free.Enumerate();

    /// <summary>How many sequences hold a block.</summary>
    public int Holders(int block) => _holders[block];

    /// <summary>Finds a cached block with this identity and exactly these tokens behind the same parent.</summary>
    /// <returns>The block, or <see langword="null"/>. Changes nothing.</returns>
    public int? Find(SequenceHash hash, SequenceHash parent, ReadOnlySpan<int> tokens) =>
        _cached.TryGetValue(hash, out int block) && _parents[block] == parent && TokensOf(block).SequenceEqual(tokens) ? block : null;

    /// <summary>Whether a block with this identity can be found, whoever made it.</summary>
    public bool IsFindable(SequenceHash hash) => _cached.ContainsKey(hash);

    /// <summary>Whether taking a cached block would shrink the free list.</summary>
    public bool IsFree(int block) => _holders[block] == 0;

    /// <summary>Holds a block that <see cref="Find"/> returned.</summary>
    public void Acquire(int block)
    {
        if (_holders[block]++ == 0)
        {
            _free.Remove(block);
            NumFreeCached -= _isCached[block] ? 1 : 0;
        }
    }

    /// <summary>Takes the next free block, evicting what it caches. <see cref="NumFree"/> must be above 0.</summary>
    public int Allocate()
    {
        int block = _free.PopHead();
        if (_isCached[block])
        {
            _isCached[block] = false;
            NumFreeCached--;
            _cached.Remove(_hashes[block]);
            _listener?.OnRemoved(_hashes[block].Key);
        }

        _holders[block] = 1;
        return block;
    }

    /// <summary>Gives up one hold. Release a sequence's blocks last to first, so that a prefix is evicted from its end.</summary>
    public void Release(int block)
    {
        int holders = --_holders[block];
        if (holders > 0)
        {
            return;
        }

        if (holders < 0)
        {
            throw new InvalidOperationException($"Block {block} was released more often than held.");
        }

        if (_isCached[block])
        {
            _free.PushTail(block);
            NumFreeCached++;
        }
        else
        {
            _free.PushHead(block);
        }
    }

    /// <summary>Makes a held block findable that is full or will be at the end of this step, unless an equal one already is.</summary>
    /// <param name="block">The block.</param>
    /// <param name="hash">Its chained identity.</param>
    /// <param name="parent">The block before it, or the tenant's root.</param>
    /// <param name="isFirst">Whether it starts a sequence, so that <paramref name="parent"/> is a root.</param>
    /// <param name="tokens">Its tokens, [BlockSize].</param>
    public void Cache(int block, SequenceHash hash, SequenceHash parent, bool isFirst, ReadOnlySpan<int> tokens)
    {
        if (_isCached[block] || !_cached.TryAdd(hash, block))
        {
            return;
        }

        _isCached[block] = true;
        _isFirst[block] = isFirst;
        _hashes[block] = hash;
        _parents[block] = parent;
        tokens.CopyTo(TokensOf(block));
        _listener?.OnStored(isFirst ? null : parent.Key, hash.Key);
    }

    /// <summary>Makes all free blocks empty, as if each had been evicted. Those that somebody holds stay as they are, and findable.</summary>
    /// <returns>How many were cached.</returns>
    public int ForgetFree()
    {
        int numForgotten = NumFreeCached;
        bool isAll = numForgotten == _cached.Count;
        for (int block = 0; block < NumBlocks && NumFreeCached > 0; block++)
        {
            if (!_isCached[block] || _holders[block] > 0)
            {
                continue;
            }

            _isCached[block] = false;
            NumFreeCached--;
            _cached.Remove(_hashes[block]);
            if (!isAll)
            {
                _listener?.OnRemoved(_hashes[block].Key);
            }
        }

        if (isAll)
        {
            _listener?.OnCleared();
        }

        return numForgotten;
    }

    /// <summary>Copies those of the blocks from one to before another that can be found.</summary>
    /// <param name="start">First block; may be beyond the last.</param>
    /// <param name="end">One past the last block.</param>
    /// <param name="cached">Where they go; large enough for all.</param>
    /// <returns>How many there were.</returns>
    public int CopyCached(int start, int end, Span<CachedBlock> cached)
    {
        int count = 0;
        for (int block = start; block < end; block++)
        {
            if (_isCached[block])
            {
                cached[count++] = new CachedBlock(_hashes[block].Key, _isFirst[block] ? null : _parents[block].Key);
            }
        }

        return count;
    }

    /// <summary>Checks every count against the others.</summary>
    /// <exception cref="InvalidOperationException">A count is wrong; names it.</exception>
    public void Verify()
    {
        int free = 0;
        int freeCached = 0;
        foreach (int block in _free.Enumerate())
        {
            free++;
            freeCached += _isCached[block] ? 1 : 0;
            Require(_holders[block] == 0, $"block {block} is free and held {_holders[block]} times");
        }

        Require(free == _free.Count, $"the free list has {free} blocks and counts {_free.Count}");
        Require(freeCached == NumFreeCached, $"{freeCached} free blocks are cached, {NumFreeCached} counted");
        Require(_holders.Count(static holders => holders > 0) == NumUsed, "held and free blocks do not add up");
        Require(_isCached.Count(static cached => cached) == _cached.Count, "cached blocks and the map do not agree");

        static void Require(bool holds, string broken)
        {
            if (!holds)
            {
                throw new InvalidOperationException($"Block pool: {broken}.");
            }
        }
    }

    private Span<int> TokensOf(int block) => _tokens.AsSpan(block * BlockSize, BlockSize);
}
