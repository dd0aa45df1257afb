namespace Dynamo.Engine.Blocks;

/// <summary>
/// Free blocks in eviction order, head first: a doubly linked list threaded through two arrays, so that any block leaves it in O(1) when a
/// prefix hit takes it back, and no object stands for a block.
/// </summary>
internal sealed class FreeList
{
    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly int _sentinel;

    /// <summary>All blocks free, in ascending order.</summary>
    public FreeList(int numBlocks)
    {
        // The sentinel, one past the last block, closes the ring: its next is the head, its previous the tail.
        _sentinel = numBlocks;
        _next = new int[numBlocks + 1];
        _previous = new int[numBlocks + 1];
        for (int i = 0; i <= numBlocks; i++)
        {
            _next[i] = i == numBlocks ? 0 : i + 1;
            _previous[i] = i == 0 ? numBlocks : i - 1;
        }

        Count = numBlocks;
    }

    /// <summary>Blocks in the list.</summary>
    public int Count { get; private set; }

    /// <summary>Takes the next block to evict. The list must not be empty.</summary>
    public int PopHead()
    {
        int block = _next[_sentinel];
        if (block == _sentinel)
        {
            throw new InvalidOperationException("The free list is empty; the caller must check Count first.");
        }

        Remove(block);
        return block;
    }

    /// <summary>Takes a block out wherever it is. It must be in the list.</summary>
    public void Remove(int block)
    {
        int next = _next[block];
        int previous = _previous[block];
        _next[previous] = next;
        _previous[next] = previous;
        Count--;
    }

    /// <summary>Adds a block that is to be reused first.</summary>
    public void PushHead(int block) => Insert(block, _sentinel, _next[_sentinel]);

    /// <summary>Adds a block that is to be reused last.</summary>
    public void PushTail(int block) => Insert(block, _previous[_sentinel], _sentinel);

    /// <summary>Blocks from head to tail; for tests and checks.</summary>
    public IEnumerable<int> Enumerate()
    {
        for (int block = _next[_sentinel]; block != _sentinel; block = _next[block])
        {
            yield return block;
        }
    }

    private void Insert(int block, int previous, int next)
    {
        _next[block] = next;
        _previous[block] = previous;
        _next[previous] = block;
        _previous[next] = block;
        Count++;
    }
}
