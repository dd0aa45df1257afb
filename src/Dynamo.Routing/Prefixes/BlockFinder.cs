using System.Numerics;

namespace Dynamo.Routing.Prefixes;

/// <summary>
/// Finds where a block is, and decides which blocks have an entry in the <see cref="KeyTable"/>, are <em>listed</em>. Most are not: a block that follows its
/// parent in a run is found behind it, since whoever comes for it, a prompt or a worker that stores it, was at the parent a moment before. Not thread-safe.
/// </summary>
/// <remarks>
/// <para>Listed are</para>
/// <list type="bullet">
/// <item>blocks without a live block before them in their run: those that begin it or follow a hole;</item>
/// <item>
/// where a stretch of what a holder has ends, for there it adds and loses blocks. Workers evict a sequence from its end, so each may have one end that is not
/// listed: that of the run that it lost a block of last;
/// </item>
/// <item>where a prompt was seen to part from a run: what is stored of it next will name that block as its parent;</item>
/// <item>one key of 16, if the index is so large that lookups are fetched ahead (<see cref="FetchAhead"/>).</item>
/// </list>
/// <para>
/// What is not listed and comes without its parent, as a block that goes from the middle of a run does, is looked for in all runs of its holder. That may
/// cost as much as storing them did; if it would be more, all of them are listed.
/// </para>
/// </remarks>
/// <param name="runs">The runs.</param>
/// <param name="holders">Their holders.</param>
/// <param name="table">Where listed blocks are.</param>
internal sealed unsafe class BlockFinder(RunStore runs, HolderStore holders, KeyTable table)
{
    private const ulong LandmarkBits = 15;

    private readonly RunStore _runs = runs;
    private readonly HolderStore _holders = holders;
    private readonly KeyTable _table = table;

    // By slot the run that it lost a block of last; it may be another's by now, or free.
    private uint[] _ending = [];

    /// <summary>Runs with blocks that are not listed.</summary>
    public SparseRunLists Sparse { get; } = new(runs);

    /// <summary>Bytes taken.</summary>
    public long NumBytes => Sparse.NumBytes + ((long)_ending.Length * sizeof(uint));

    /// <summary>Whether a key is listed wherever it is, in a large index.</summary>
    public static bool IsLandmark(ulong key) => (key & LandmarkBits) == 0;

    /// <summary>Makes room for slots.</summary>
    public void MakeRoom(int numSlots)
    {
        Array.Resize(ref _ending, numSlots);
        Sparse.MakeRoom(numSlots);
    }

    /// <summary>Finds a live block by its parent.</summary>
    /// <param name="parent">The parent's run, or 0 where there is none or it is not live.</param>
    /// <param name="parentOffset">The parent's position.</param>
    /// <param name="key">The block's key.</param>
    /// <param name="run">The block's run.</param>
    /// <param name="offset">The block's position.</param>
    public bool TryFindAfter(uint parent, int parentOffset, ulong key, out uint run, out int offset)
    {
        int next = parentOffset + 1;
        if (parent != 0 && next < Run.MaxKeys && (_runs[parent].Live >> next & 1) != 0 && _runs.HasKey(parent, next, key))
        {
            (run, offset) = (parent, next);
            return true;
        }

        return _table.TryFind(key, out run, out offset);
    }

    /// <summary>Finds a live block that a slot should hold.</summary>
    public bool TryFindHeld(int slot, ulong key, out uint run, out int offset)
    {
        run = _ending[slot];
        offset = EndOf(run, slot);
        return (offset >= 0 && _runs.HasKey(run, offset, key))
            || _table.TryFind(key, out run, out offset)
            || TryLook(Sparse[slot], key, out run, out offset)
            || TryLook(Sparse.Shared, key, out run, out offset);
    }

    /// <summary>Finds a live block that a slot names as a parent, which it should hold, but may not.</summary>
    public bool TryFindParent(int slot, ulong key, out uint run, out int offset)
    {
        if (TryFindHeld(slot, key, out run, out offset))
        {
            return true;
        }

        for (int other = 0; other < Sparse.NumSlots; other++)
        {
            if (TryLook(Sparse[other], key, out run, out offset))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Lists live blocks of a run that are not.</summary>
    public void List(uint id, ulong positions)
    {
        ref Run run = ref _runs[id];
        positions &= run.Live & ~run.Listed;
        if (positions != 0)
        {
            _table.Add(_runs.Keys(run), id, positions);
            run.Listed |= positions;
        }

        Sparse.Settle(id);
    }

    /// <summary>Lists what must be of new blocks, but for where stretches of their holder end.</summary>
    /// <param name="id">The run.</param>
    /// <param name="positions">The positions, one behind the other.</param>
    /// <param name="isAppended">Whether they begin the run, or follow what was its last position and is the parent.</param>
    public void Placed(uint id, ulong positions, bool isAppended)
    {
        ulong listed = positions;
        if (isAppended)
        {
            ulong* keys = _runs.Keys(id);
            listed &= 1;
            for (ulong left = _runs.AreFar ? positions & ~listed : 0; left != 0; left &= left - 1)
            {
                listed |= IsLandmark(keys[BitOperations.TrailingZeroCount(left)]) ? left & (0 - left) : 0;
            }
        }

        List(id, listed);
    }

    /// <summary>Lists what must be when a slot has more of a run than before.</summary>
    /// <param name="id">The run.</param>
    /// <param name="held">All that it has.</param>
    public void Held(uint id, ulong held) => List(id, Run.EndsOf(held));

    /// <summary>Takes what is not live any more from the table, and lists what must be when a slot has less of a run than before.</summary>
    /// <param name="id">The run; if nothing is live, it is in no list of <see cref="Sparse"/> afterwards.</param>
    /// <param name="slot">The slot.</param>
    /// <param name="held">What is left to it.</param>
    /// <param name="dead">What nobody holds any more.</param>
    public void Released(uint id, int slot, ulong held, ulong dead)
    {
        ref Run run = ref _runs[id];
        ulong listed = dead & run.Listed;
        if (listed != 0)
        {
            _table.Remove(_runs.Keys(run), id, listed);
            run.Listed &= ~listed;
        }

        ulong last = Run.LastOf(held);
        List(id, (dead << 1) | (Run.EndsOf(held) & ~last));
        if ((last & ~run.Listed) != 0)
        {
            ExpectEndOf(id, slot);
        }
    }

    /// <summary>The run of which a slot's end may not be listed; for checks.</summary>
    public uint EndingOf(int slot) => _ending[slot];

    private void ExpectEndOf(uint id, int slot)
    {
        uint before = _ending[slot];
        _ending[slot] = id;
        if (before != id && EndOf(before, slot) is int end and >= 0)
        {
            List(before, 1ul << end);
        }
    }

    // The last position that a slot has of a run with blocks that are not listed, or -1.
    private int EndOf(uint id, int slot) => id == 0 || _runs[id].Place == 0
        ? -1
        : Run.MaxKeys - 1 - BitOperations.LeadingZeroCount(_holders.MaskOf(_runs[id], slot));

    private bool TryLook(SparseRuns sparse, ulong key, out uint run, out int offset)
    {
        if (sparse.MayLook())
        {
            return sparse.TryFind(key, out run, out offset);
        }

        while (sparse.Count > 0)
        {
            List(sparse[sparse.Count - 1], ulong.MaxValue);
        }

        return _table.TryFind(key, out run, out offset);
    }
}
