using Dynamo.Routing.Bookings;
using Dynamo.Routing.Costs;
using Dynamo.Routing.Holding;
using Dynamo.Routing.Prefixes;
using Dynamo.Routing.Workers;

namespace Dynamo.Routing;

/// <summary>All workers in the eyes of one request: who may get it, and what it would find there. Reused for every request.</summary>
internal sealed class Assessment(RouterOptions options, WorkerTable workers, IPrefixIndex known, BookedPrompts booked)
{
    // Where a held request's prefixes are is looked up anew when it may be sent and this long has passed.
    private const double LookUpMilliseconds = 250;

    private readonly RouterOptions _options = options;
    private readonly WorkerTable _workers = workers;
    private readonly IPrefixIndex _known = known;
    private readonly BookedPrompts _booked = booked;
    private readonly bool _holds = options is { Mode: RouterMode.KV, Hold: not null };
    private readonly int[] _best = new int[options.MaxExplained];
    private BusyThresholds _busy = options.Busy;
    private bool _hasBusy = options.Busy != new BusyThresholds();
    private Ineligibility[] _reasons = [];
    private double[] _costs = [];
    private int[] _overlaps = [];
    private int[] _knownDepths = [];
    private int[] _bookedDepths = [];
    private RouteQuery _query = null!;
    private DynamoCostOptions _dynamo = options.Dynamo;
    private double _now;
    private int _promptBlocks;
    private long _leastQueued;
    private double _meanRecent;

    /// <summary>When workers are too busy.</summary>
    public BusyThresholds Busy
    {
        get => _busy;
        set => (_busy, _hasBusy) = (value, value != new BusyThresholds());
    }

    /// <summary>Workers in the table's order.</summary>
    public int Count => _workers.Count;

    /// <summary>By worker: why it cannot get the request.</summary>
    public ReadOnlySpan<Ineligibility> Reasons => _reasons.AsSpan(0, _workers.Count);

    /// <summary>By worker: what is compared; NaN where it cannot get the request. Filled by <see cref="Chooser"/>.</summary>
    public Span<double> Costs => _costs.AsSpan(0, _workers.Count);

    /// <summary>Whether a worker would take the request later.</summary>
    public bool HasHoldReason => Reasons.ContainsAny(Ineligibility.QueueFull, Ineligibility.NoRoom);

    /// <summary>Whether a worker is too busy.</summary>
    public bool HasBusy => Reasons.Contains(Ineligibility.Busy);

    /// <summary>The most blocks of the prompt that any worker has, whether it can get the request or not.</summary>
    public int MostOverlapBlocks { get; private set; }

    public WorkerEntry Worker(int index) => _workers[index];

    /// <summary>Looks at a request.</summary>
    /// <param name="query">The request.</param>
    /// <param name="now">The moment.</param>
    /// <param name="isHoldWaived">Whether it may go where its prompt does not fit beside the others.</param>
    public void Assess(RouteQuery query, double now, bool isHoldWaived)
    {
        (_query, _now, _promptBlocks) = (query, now, PromptBlocks(query));
        _dynamo = query.Overrides?.Apply(_options.Dynamo) ?? _options.Dynamo;
        if (_reasons.Length < _workers.Count || _knownDepths.Length < _workers.NumSlots)
        {
            int size = Math.Max(_workers.NumSlots, 2 * _reasons.Length);
            (_reasons, _costs, _overlaps, _knownDepths, _bookedDepths) = (new Ineligibility[size], new double[size], new int[size], new int[size], new int[size]);
        }

        LookUp(query, _knownDepths);
        _booked.Match(query.Blocks, _bookedDepths.AsSpan(0, _workers.NumSlots));
        Costs.Fill(double.NaN);
        long leastQueued = long.MaxValue;
        int mostOverlap = 0;
        double recent = 0;
        bool isForAny = !_hasBusy && query.Pinned is null && query.Bound is null && query.Excluded.Length == 0;
        bool predicts = _options.PredictOnRoute;
        ReadOnlySpan<WorkerFacts> workers = _workers.Facts;
        for (int i = 0; i < workers.Length; i++)
        {
            ref readonly WorkerFacts worker = ref workers[i];
            int booked = _bookedDepths[worker.Slot];
            int overlap = predicts ? Math.Max(_knownDepths[worker.Slot], booked) : _knownDepths[worker.Slot];
            mostOverlap = Math.Max(mostOverlap, overlap);
            recent += worker.Recent;
            Ineligibility reason = isForAny && worker.State == WorkerState.Ready ? Ineligibility.None : ReasonAgainst(_workers[i], query);
            if (reason == Ineligibility.None && _holds)
            {
                reason = worker.NumQueued >= _options.Hold!.MaxQueued ? Ineligibility.QueueFull
                    : isHoldWaived || Fits(worker, _promptBlocks - booked) ? Ineligibility.None
                    : Ineligibility.NoRoom;
            }

            if (reason == Ineligibility.None)
            {
                leastQueued = Math.Min(leastQueued, worker.QueuedTokens);
            }

            (_overlaps[i], _reasons[i]) = (overlap, reason);
        }

        (_leastQueued, _meanRecent, MostOverlapBlocks) = (leastQueued, recent / workers.Length, mostOverlap);
    }

    /// <summary>Compares by <see cref="TimeCost"/>.</summary>
    public void CompareTimes()
    {
        Span<double> costs = Costs;
        ReadOnlySpan<Ineligibility> reasons = Reasons;
        ReadOnlySpan<int> overlaps = _overlaps.AsSpan(0, costs.Length);
        ReadOnlySpan<WorkerFacts> workers = _workers.Facts;
        for (int i = 0; i < costs.Length; i++)
        {
            costs[i] = reasons[i] == Ineligibility.None ? TimeCostOf(workers[i], overlaps[i]).Total : double.NaN;
        }
    }

    /// <summary>Whether a worker with room in its queue can take a held request now.</summary>
    /// <param name="worker">Ready and not busy.</param>
    /// <param name="held">The request.</param>
    /// <param name="now">The moment.</param>
    /// <param name="uncachedTokens">What it would have to compute, as far as known.</param>
    public bool CanTake(WorkerEntry worker, HeldRequest held, double now, out int uncachedTokens)
    {
        RouteQuery query = held.Query;
        uncachedTokens = 0;
        int booked = _booked.Depth(worker.Slot, query.Blocks);
        if (ReasonAgainst(worker, query) != Ineligibility.None
            || !(now - held.Since > _options.Hold!.MaxFitMilliseconds || Fits(_workers.Facts[worker.Index], PromptBlocks(query) - booked)))
        {
            return false;
        }

        if (now - held.LookedUpAt > LookUpMilliseconds || held.Depths.Length <= worker.Slot)
        {
            held.LookedUpAt = now;
            held.Depths = held.Depths.Length < _workers.NumSlots ? new int[_workers.NumSlots] : held.Depths;
            LookUp(query, held.Depths);
        }

        int overlap = _options.PredictOnRoute ? Math.Max(held.Depths[worker.Slot], booked) : held.Depths[worker.Slot];
        uncachedTokens = Math.Max(1, query.NumTokens - (overlap * _options.BlockSize));
        return true;
    }

    /// <summary>Whether there is a worker that could ever take a request.</summary>
    public bool HasHope(RouteQuery query)
    {
        for (int i = 0; i < _workers.Count; i++)
        {
            if (ReasonAgainst(_workers[i], query) is Ineligibility.None or Ineligibility.Busy)
            {
                return true;
            }
        }

        return false;
    }

    public bool IsBusy(WorkerEntry worker) =>
        worker.UsedBlocks > _busy.UsedBlocks * worker.Limits.NumBlocks
        || worker.QueuedTokens > _busy.PrefillTokens
        || worker.QueuedTokens > _busy.PrefillSteps * worker.Limits.MaxBatchedTokens;

    public CostInput InputOf(int index) => InputOf(index, _workers[index].Speed);

    public DynamoCost DynamoCostOf(int index)
    {
        // It does not look at the speed, which lies elsewhere in memory.
        CostInput input = InputOf(index, default);
        return DynamoCost.Of(_dynamo, input, _leastQueued == long.MaxValue ? 0 : _leastQueued);
    }

    /// <summary>The chosen worker and the best others, best first, and where there is room those that cannot get the request.</summary>
    /// <param name="chosen">Index of the worker that gets it, or -1. Of equals it is first; a chance may have chosen it against the cost.</param>
    public Candidate[] Explain(int chosen)
    {
        int most = _options.MaxExplained;
        int count = 0;
        if (chosen >= 0)
        {
            _best[count++] = chosen;
        }

        for (int i = 0; i < _workers.Count; i++)
        {
            if (i == chosen || (count == most && !Precedes(i, _best[most - 1])))
            {
                continue;
            }

            int at = count < most ? count++ : most - 1;
            for (; at > 0 && Precedes(i, _best[at - 1]); at--)
            {
                _best[at] = _best[at - 1];
            }

            _best[at] = i;
        }

        ReadOnlySpan<int> best = _best.AsSpan(0, count);
        if (chosen >= 0 && !best.Contains(chosen))
        {
            _best[count - 1] = chosen;
        }

        Candidate[] candidates = new Candidate[count];
        for (int i = 0; i < count; i++)
        {
            candidates[i] = CandidateOf(best[i]);
        }

        return candidates;
    }

    /// <summary>Says of all workers why none gets the request, for example <c>3 workers: 1 loading, 2 have no room for the prompt</c>.</summary>
    public string Summary()
    {
        if (_workers.Count == 0)
        {
            return "no worker has offered this model";
        }

        Span<int> counts = stackalloc int[Eligibility.NumReasons];
        counts.Clear();
        foreach (Ineligibility reason in Reasons)
        {
            counts[(int)reason]++;
        }

        return Eligibility.Explain(_workers.Count, counts);
    }

    private bool Precedes(int a, int b) => _costs[a] < _costs[b] || (!double.IsNaN(_costs[a]) && double.IsNaN(_costs[b]));

    private CostInput InputOf(int index, StepSpeed speed)
    {
        ref readonly WorkerFacts worker = ref _workers.Facts[index];
        return new CostInput
        {
            BlockSize = _options.BlockSize,
            NumTokens = _query.NumTokens,
            PromptBlocks = _promptBlocks,
            OverlapBlocks = _overlaps[index],
            NewBlocks = _promptBlocks - _bookedDepths[worker.Slot],
            QueuedTokens = worker.QueuedTokens,
            QueuedMilliseconds = worker.QueuedMilliseconds(_now),
            BookedBlocks = worker.BookedBlocks,
            BookedPartialBlocks = worker.BookedPartialBlocks,
            NumLive = worker.NumLive,
            RecentShare = RecentShare(worker),
            Capacity = worker.Limits.NumBlocks,
            MaxBatchedTokens = worker.Limits.MaxBatchedTokens,
            Speed = speed,
        };
    }

    private Candidate CandidateOf(int index) => new()
    {
        Worker = _workers[index].Id,
        Ineligibility = _reasons[index],
        Input = InputOf(index),
        Time = _options is { Mode: RouterMode.KV, Cost: RouterCost.Time } ? TimeCostOf(_workers.Facts[index], _overlaps[index]) : null,
        Dynamo = _options is { Mode: RouterMode.KV, Cost: RouterCost.Dynamo } ? DynamoCostOf(index) : null,
    };

    private Ineligibility ReasonAgainst(WorkerEntry worker, RouteQuery query)
    {
        Ineligibility reason = Eligibility.Of(new RoutableWorker(worker.Id, worker.State), query.Excluded);
        return reason != Ineligibility.None ? reason
            : (query.Pinned ?? query.Bound) is { } pinned && pinned != worker.Id ? Ineligibility.NotPinned
            : _hasBusy && IsBusy(worker) ? Ineligibility.Busy
            : Ineligibility.None;
    }

    private TimeCost TimeCostOf(in WorkerFacts worker, int overlap) => TimeCost.Of(
        worker.Rate, worker.QueuedTokens, worker.QueuedMilliseconds(_now), CostInput.UncachedTokensOf(_query.NumTokens, overlap, _options.BlockSize), RecentShare(worker));

    private double RecentShare(in WorkerFacts worker) => _meanRecent == 0 ? 0 : worker.Recent / _meanRecent;

    private static bool Fits(in WorkerFacts worker, int newBlocks) => worker.NumLive == 0 || worker.BookedBlocks + newBlocks <= worker.Limits.NumBlocks;

    private void LookUp(RouteQuery query, int[] depths) => _known.Match(query.Blocks, depths.AsSpan(0, _workers.NumSlots));

    private int PromptBlocks(RouteQuery query) => (query.NumTokens + _options.BlockSize - 1) / _options.BlockSize;
}
