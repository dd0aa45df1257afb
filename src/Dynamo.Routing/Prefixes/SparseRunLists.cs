namespace Dynamo.Routing.Prefixes;

/// <summary>All <see cref="SparseRuns"/>: those with a single holder by holder, and those with several. Not thread-safe.</summary>
/// <param name="runs">All runs.</param>
internal sealed class SparseRunLists(RunStore runs)
{
    private readonly RunStore _runs = runs;
    private SparseRuns[] _bySlot = [];

    /// <summary>Of runs with several holders.</summary>
    public SparseRuns Shared { get; } = new(runs);

    /// <summary>Slots have numbers below this.</summary>
    public int NumSlots => _bySlot.Length;

    /// <summary>Bytes taken.</summary>
    public long NumBytes => Shared.NumBytes + _bySlot.Sum(static list => list.NumBytes);

    /// <summary>Runs in all lists.</summary>
    public long Count => Shared.Count + _bySlot.Sum(static list => (long)list.Count);

    /// <summary>Of runs that a slot holds alone.</summary>
    public SparseRuns this[int slot] => _bySlot[slot];

    /// <summary>The list that a run is in if it is in one.</summary>
    public SparseRuns Of(in Run run) => run.IsSole ? _bySlot[run.SoleSlot] : Shared;

    /// <summary>Makes room for slots.</summary>
    public void MakeRoom(int numSlots)
    {
        int old = _bySlot.Length;
        Array.Resize(ref _bySlot, numSlots);
        for (int slot = old; slot < numSlots; slot++)
        {
            _bySlot[slot] = new SparseRuns(_runs);
        }
    }

    /// <summary>Puts a run into its list, or takes it out, as what is listed of it says.</summary>
    public void Settle(uint id)
    {
        ref Run run = ref _runs[id];
        bool isSparse = run.Live != run.Listed;
        if (isSparse && run.Place == 0)
        {
            Of(run).Add(id);
        }
        else if (!isSparse && run.Place != 0)
        {
            Of(run).Remove(id);
        }
    }

    /// <summary>Takes a run that got its second holder, or lost its last but one, from one list to the other.</summary>
    /// <param name="id">The run; it is in a list.</param>
    /// <param name="holdersBefore">Its <see cref="Run.Holders"/> before.</param>
    public void Move(uint id, uint holdersBefore)
    {
        ref Run run = ref _runs[id];
        Run before = new() { Holders = holdersBefore };
        if (before.IsSole != run.IsSole)
        {
            Of(before).Remove(id);
            Of(run).Add(id);
        }
    }
}
