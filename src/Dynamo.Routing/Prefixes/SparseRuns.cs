namespace Dynamo.Routing.Prefixes;

/// <summary>Runs that have positions that are not listed, which whoever needs one of those looks through; see <see cref="BlockFinder"/>. Not thread-safe.</summary>
/// <param name="runs">All runs.</param>
internal sealed unsafe class SparseRuns(RunStore runs)
{
    // To look through a run costs about a sixteenth of listing it.
    private const int LooksPerRun = 16;

    private readonly RunStore _runs = runs;
    private readonly List<uint> _ids = [];
    private long _looksLeft;

    /// <summary>How many there are.</summary>
    public int Count => _ids.Count;

    /// <summary>Bytes taken.</summary>
    public long NumBytes => (long)_ids.Capacity * sizeof(uint);

    /// <summary>One of them.</summary>
    public uint this[int index] => _ids[index];

    /// <summary>Adds a run.</summary>
    public void Add(uint id)
    {
        _ids.Add(id);
        _runs[id].Place = (uint)_ids.Count;
        _looksLeft += LooksPerRun;
    }

    /// <summary>Removes a run; the last one takes its place.</summary>
    public void Remove(uint id)
    {
        uint place = _runs[id].Place;
        uint last = _ids[^1];
        _ids[(int)place - 1] = last;
        _runs[last].Place = place;
        _ids.RemoveAt(_ids.Count - 1);
        _runs[id].Place = 0;
    }

    /// <summary>Whether to look through them costs less than it has cost to add them; if so, it counts as done.</summary>
    public bool MayLook()
    {
        if (_looksLeft < Count)
        {
            _looksLeft = 0;
            return false;
        }

        _looksLeft -= Count;
        return true;
    }

    /// <summary>Looks for a live position with a key.</summary>
    public bool TryFind(ulong key, out uint run, out int offset)
    {
        foreach (uint id in _ids)
        {
            ref Run header = ref _runs[id];
            ulong found = KeyCompare.Matches(_runs.Keys(header), header.Count, key) & header.Live;
            if (found != 0)
            {
                (run, offset) = (id, Run.FirstOf(found));
                return true;
            }
        }

        (run, offset) = (0, 0);
        return false;
    }
}
