using System.Numerics;

namespace Dynamo.Routing.Prefixes;

/// <summary>Changes what slots hold, and keeps count of it; a run that loses positions for good is trimmed. Not thread-safe.</summary>
/// <param name="runs">The runs.</param>
/// <param name="holders">Their holders.</param>
/// <param name="table">Where listed keys are.</param>
/// <param name="finder">What decides which are.</param>
internal sealed unsafe class Holdings(RunStore runs, HolderStore holders, KeyTable table, BlockFinder finder)
{
    // Runs that are fetched ahead of use when all are looked at.
    private const int ClearAhead = 16;

    private readonly RunStore _runs = runs;
    private readonly HolderStore _holders = holders;
    private readonly KeyTable _table = table;
    private readonly BlockFinder _finder = finder;
    private long[] _numBlocks = [];

    /// <summary>Slots that ever held something are below this.</summary>
    public int NumSlots => _numBlocks.Length;

    /// <summary>Blocks that anybody holds.</summary>
    public long NumDistinct { get; private set; }

    /// <summary>Blocks that a slot holds.</summary>
    public long NumBlocks(int slot) => (uint)slot < (uint)_numBlocks.Length ? _numBlocks[slot] : 0;

    /// <summary>Lets a slot hold something.</summary>
    public void MakeRoom(int slot)
    {
        if (slot >= _numBlocks.Length)
        {
            Array.Resize(ref _numBlocks, Math.Max(slot + 1, Math.Min(2 * _numBlocks.Length, PrefixIndex.MaxSlots)));
            _finder.MakeRoom(_numBlocks.Length);
        }
    }

    /// <summary>Notes that a slot holds positions of a run; those it is known to hold stay.</summary>
    public void Hold(uint run, int slot, ulong bits)
    {
        ref Run header = ref _runs[run];
        ulong held = header.Live == 0 ? 0 : _holders.MaskOf(header, slot);
        if ((bits & ~held) != 0)
        {
            _numBlocks[slot] += BitOperations.PopCount(bits & ~held);
            NumDistinct += BitOperations.PopCount(bits & ~header.Live);
            Set(run, slot, held | bits);
            _finder.Held(run, held | bits);
        }
    }

    /// <summary>Takes positions from a slot; what nobody holds any more goes.</summary>
    /// <returns>How many it held.</returns>
    public int Release(uint run, int slot, ulong bits)
    {
        ref Run header = ref _runs[run];
        ulong held = _holders.MaskOf(header, slot);
        bits &= held;
        if (bits == 0)
        {
            return 0;
        }

        int numReleased = BitOperations.PopCount(bits);
        _numBlocks[slot] -= numReleased;
        ulong live = header.Live;
        Set(run, slot, held & ~bits);
        ulong dead = live & ~header.Live;
        _finder.Released(run, slot, held & ~bits, dead);
        if (dead != 0)
        {
            NumDistinct -= BitOperations.PopCount(dead);
            Trim(run);
        }

        return numReleased;
    }

    /// <summary>Takes everything from a slot. Looks at all runs: a worker leaves so seldom that lists per worker are not worth their memory.</summary>
    public void Clear(int slot)
    {
        for (uint run = 1; NumBlocks(slot) > 0; run++)
        {
            if (run + ClearAhead < _runs.NumIds)
            {
                PrefetchHolding(run + ClearAhead, slot);
            }

            ref Run header = ref _runs[run];
            if (header.Live != 0 && _holders.MaskOf(header, slot) is ulong held and not 0)
            {
                Release(run, slot, held);
            }
        }
    }

    private void Set(uint run, int slot, ulong mask)
    {
        ref Run header = ref _runs[run];
        uint before = header.Holders;
        _holders.Set(run, slot, mask);
        if (header.Place != 0)
        {
            _finder.Sparse.Move(run, before);
        }
    }

    private void PrefetchHolding(uint run, int slot)
    {
        ref Run header = ref _runs[run];
        if (!header.IsSole)
        {
            _holders.PrefetchRecord(header);
        }
        else if (header.SoleSlot == slot)
        {
            _runs.PrefetchKeys(run);
        }
    }

    private void Trim(uint run)
    {
        ref Run header = ref _runs[run];
        if (header.Live == 0)
        {
            _runs.Free(run);
            return;
        }

        int numLive = BitOperations.PopCount(header.Live);
        if (4 * numLive < 3 * header.Count)
        {
            ulong* keys = _runs.Keys(run);
            int to = 0;
            for (ulong live = header.Live; live != 0; live &= live - 1, to++)
            {
                int from = BitOperations.TrailingZeroCount(live);
                if (from != to)
                {
                    keys[to] = keys[from];
                    if ((header.Listed >> from & 1) != 0)
                    {
                        _table.Move(keys[to], run, from, to);
                    }
                }
            }

            _holders.Squeeze(run);
        }

        _runs.Shrink(run);
    }
}
