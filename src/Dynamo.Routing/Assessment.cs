using System.Numerics;
using System.Runtime.InteropServices;
using Dynamo.Protocol.Load;
using Dynamo.Routing.Bookings;
using Dynamo.Routing.Costs;
using Dynamo.Routing.Prefixes;
using Dynamo.Routing.Workers;

namespace Dynamo.Routing;

/// <summary>All workers in the eyes of one request: who may get it, and what it would find there. Reused for every request.</summary>
internal sealed class Assessment(RouterOptions options, WorkerTable workers, IPrefixIndex known, BookedPrompts booked)
{
    private readonly RouterOptions _options = options;
    private readonly WorkerTable _workers = workers;
    private readonly PromptDepths _depths = new(workers, known, booked);
    private readonly bool _holds = options is { Mode: RouterMode.KV, Hold: not null };
    private readonly int[] _best = new int[options.MaxExplained];
    private BusyThresholds _busy = options.Busy;
    private bool _hasBusy = options.Busy != new BusyThresholds();
    private int[] _reasons = [];
    private double[] _costs = [];
    private int[] _overlaps = [];
    private RouteQuery _query = null!;
    private DynamoCostOptions _dynamo = options.Dynamo;
    private double _now;
    private int _promptBlocks;
    private long _leastQueued;
    private double _perMeanRecent;
    private Comparison? _comparison;

    /// <summary>When workers are too busy.</summary>
    public BusyThresholds Busy
    {
        get => _busy;
        set => (_busy, _hasBusy) = (value, value != new BusyThresholds());
    }

    /// <summary>Workers in the table's order.</summary>
    public int Count => _workers.Count;

    /// <summary>By worker: what is compared; NaN where it cannot get the request. Filled by <see cref="Chooser"/>.</summary>
    public Span<double> Costs => _costs.AsSpan(0, _workers.Count);

    /// <summary>Of <see cref="Costs"/>.</summary>
    public Lows Lows { get; private set; }

    /// <summary>Whether a worker would take the request later.</summary>
    public bool HasHoldReason => Reasons.ContainsAny((int)Ineligibility.QueueFull, (int)Ineligibility.NoRoom);

    /// <summary>Whether a worker is too busy.</summary>
    public bool HasBusy => Reasons.Contains((int)Ineligibility.Busy);

    /// <summary>The most blocks of the prompt that any worker has, whether it can get the request or not.</summary>
    public int MostOverlapBlocks { get; private set; }

    private ReadOnlySpan<int> Reasons => _reasons.AsSpan(0, _workers.Count);

    private Span<Vector<double>> CostVectors => MemoryMarshal.Cast<double, Vector<double>>(_costs.AsSpan(0, _workers.Columns.Length));

    private ReadOnlySpan<Vector<int>> OverlapVectors => MemoryMarshal.Cast<int, Vector<int>>(_overlaps.AsSpan(0, _workers.Columns.Length));

    public WorkerEntry Worker(int index) => _workers[index];

    /// <summary>Index of the first worker with a higher id; <see cref="Count"/> when there is none.</summary>
    public int FirstAfter(WorkerId id) => _workers.FirstAfter(id);

    /// <summary>Why a worker cannot get the request.</summary>
    public Ineligibility ReasonAt(int index) => (Ineligibility)_reasons[index];

    /// <summary>Looks at a request.</summary>
    /// <param name="query">The request.</param>
    /// <param name="now">The moment.</param>
    /// <param name="isHoldWaived">Whether it may go where its prompt does not fit beside the others.</param>
    public void Assess(RouteQuery query, double now, bool isHoldWaived)
    {
        (_query, _now, _promptBlocks) = (query, now, PromptBlocks(query));
        _dynamo = query.Overrides?.Apply(_options.Dynamo) ?? _options.Dynamo;
        int length = _workers.Columns.Length;
        if (_reasons.Length < length)
        {
            (_reasons, _costs, _overlaps) = (new int[2 * length], new double[2 * length], new int[2 * length]);
        }

        _depths.Find(query.Blocks);
        _workers.Columns.Reasons.CopyTo(_reasons);
        if (_hasBusy || query.Pinned is not null || query.Bound is not null || query.Excluded.Length > 0)
        {
            for (int i = 0; i < _workers.Count; i++)
            {
                _reasons[i] = (int)ReasonAgainst(_workers[i], query);
            }
        }

        FindOverlaps();
        if (_holds)
        {
            HoldBack(isHoldWaived);
        }

        double recent = _workers.Columns.SumRecent();
        _perMeanRecent = recent == 0 ? 0 : _workers.Count / recent;
        _leastQueued = _options.Cost == RouterCost.Dynamo && _dynamo.OverlapScoreCreditDecay > 0 ? LeastQueued() : 0;
    }

    private void FindOverlaps()
    {
        ReadOnlySpan<Vector<int>> known = _depths.Known;
        ReadOnlySpan<Vector<int>> booked = _depths.Booked;
        Span<Vector<int>> overlaps = MemoryMarshal.Cast<int, Vector<int>>(_overlaps.AsSpan(0, _workers.Columns.Length));
        Vector<int> most = Vector<int>.Zero;
        for (int i = 0; i < overlaps.Length; i++)
        {
            Vector<int> overlap = _options.PredictOnRoute ? Vector.Max(known[i], booked[i]) : known[i];
            most = Vector.Max(most, overlap);
            overlaps[i] = overlap;
        }

        MostOverlapBlocks = 0;
        for (int i = 0; i < Vector<int>.Count; i++)
        {
            MostOverlapBlocks = Math.Max(MostOverlapBlocks, most[i]);
        }
    }

    // Whoever could get the request but has enough to do, or no room for it.
    private void HoldBack(bool isHoldWaived)
    {
        ReadOnlySpan<Vector<int>> numQueued = _workers.Columns.NumQueued;
        ReadOnlySpan<Vector<int>> room = _workers.Columns.Room;
        ReadOnlySpan<Vector<int>> booked = _depths.Booked;
        Span<Vector<int>> reasons = MemoryMarshal.Cast<int, Vector<int>>(_reasons.AsSpan(0, _workers.Columns.Length));
        Vector<int> promptBlocks = new(isHoldWaived ? 0 : _promptBlocks);
        Vector<int> maxQueued = new(_options.Hold!.MaxQueued);
        Vector<int> queueFull = new((int)Ineligibility.QueueFull);
        Vector<int> noRoom = new((int)(isHoldWaived ? Ineligibility.None : Ineligibility.NoRoom));
        for (int i = 0; i < reasons.Length; i++)
        {
            Vector<int> held = Vector.ConditionalSelect(
                Vector.GreaterThanOrEqual(numQueued[i], maxQueued), queueFull, noRoom & Vector.GreaterThan(promptBlocks - booked[i], room[i]));
            reasons[i] = Vector.ConditionalSelect(Vector.Equals(reasons[i], Vector<int>.Zero), held, reasons[i]);
        }
    }

    private long LeastQueued()
    {
        long least = long.MaxValue;
        ReadOnlySpan<WorkerFacts> workers = _workers.Facts;
        for (int i = 0; i < workers.Length; i++)
        {
            least = _reasons[i] == 0 ? Math.Min(least, workers[i].QueuedTokens) : least;
        }

        return least == long.MaxValue ? 0 : least;
    }

    /// <summary>Compares by <see cref="TimeCost"/>.</summary>
    public void CompareTimes()
    {
        TimeCosts.Fill(CostVectors, _workers.Columns, OverlapVectors, _query.NumTokens, _options.BlockSize, _now, _perMeanRecent);
        LeaveOutIneligible();
    }

    /// <summary>Compares by <see cref="DynamoCost"/>.</summary>
    public void CompareBlocks()
    {
        new BlockCosts(_dynamo, _query.NumTokens, _options.BlockSize, _leastQueued).Fill(CostVectors, _workers.Columns, OverlapVectors, _depths.Booked);
        LeaveOutIneligible();
    }

    /// <summary>Compares by how many requests are there, or not at all.</summary>
    public void CompareRequests(double weight)
    {
        Span<Vector<double>> costs = CostVectors;
        ReadOnlySpan<Vector<double>> numLive = _workers.Columns.NumLive;
        for (int i = 0; i < costs.Length; i++)
        {
            costs[i] = weight * numLive[i];
        }

        LeaveOutIneligible();
    }

    private void LeaveOutIneligible()
    {
        Span<Vector<double>> costs = CostVectors;
        ReadOnlySpan<Vector<int>> reasons = MemoryMarshal.Cast<int, Vector<int>>(_reasons.AsSpan(0, _workers.Columns.Length));
        Vector<double> none = new(double.NaN);
        for (int i = 0; i < reasons.Length; i++)
        {
            if (reasons[i] != Vector<int>.Zero)
            {
                Vector.Widen(Vector.Equals(reasons[i], Vector<int>.Zero), out Vector<long> low, out Vector<long> high);
                costs[2 * i] = Vector.ConditionalSelect(low, costs[2 * i], none);
                costs[(2 * i) + 1] = Vector.ConditionalSelect(high, costs[(2 * i) + 1], none);
            }
        }

        Lows = new Lows(Costs);
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

    public CostInput InputOf(int index)
    {
        ref readonly WorkerFacts worker = ref _workers.Facts[index];
        return new CostInput
        {
            BlockSize = _options.BlockSize,
            NumTokens = _query.NumTokens,
            PromptBlocks = _promptBlocks,
            OverlapBlocks = _overlaps[index],
            NewBlocks = _promptBlocks - _depths.BookedAt(index),
            QueuedTokens = worker.QueuedTokens,
            QueuedMilliseconds = worker.QueuedMilliseconds(_now),
            BookedBlocks = worker.BookedBlocks,
            BookedPartialBlocks = worker.BookedPartialBlocks,
            NumLive = worker.NumLive,
            NumQueued = worker.NumQueued,
            RecentShare = worker.Recent * _perMeanRecent,
            Capacity = worker.Limits.NumBlocks,
            MaxBatchedTokens = worker.Limits.MaxBatchedTokens,
            Speed = worker.Speed,
        };
    }

    /// <summary>The chosen worker and the best others, best first, and where there is room those that cannot get the request.</summary>
    /// <param name="chosen">Index of the worker that gets it, or -1. Of equals it is first; a chance may have chosen it against the cost.</param>
    public Candidate[] Explain(int chosen)
    {
        Span<int> best = _best.AsSpan(0, Math.Min(_best.Length, _workers.Count));
        Candidate[] candidates = new Candidate[BestWorkers.Select(Costs, Lows, chosen, best)];
        Comparison? comparison = CurrentComparison();
        for (int i = 0; i < candidates.Length; i++)
        {
            candidates[i] = new Candidate { Worker = _workers.Facts[best[i]].Id, Ineligibility = ReasonAt(best[i]), Input = InputOf(best[i]), Comparison = comparison };
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
        foreach (int reason in Reasons)
        {
            counts[reason]++;
        }

        return Eligibility.Explain(_workers.Count, counts);
    }

    // One for all decisions that compare in the same way.
    private Comparison? CurrentComparison()
    {
        if (_options.Mode != RouterMode.KV)
        {
            return null;
        }

        if (_comparison is null || !ReferenceEquals(_comparison.Dynamo, _dynamo) || _comparison.LeastPrefillTokens != _leastQueued)
        {
            _comparison = new Comparison(_options.Cost, _dynamo, _leastQueued);
        }

        return _comparison;
    }

    /// <summary>Why a worker cannot get a request, however much it has to do.</summary>
    public Ineligibility ReasonAgainst(WorkerEntry worker, RouteQuery query)
    {
        Ineligibility reason = Eligibility.Of(new RoutableWorker(worker.Id, worker.State), query.Excluded);
        return reason != Ineligibility.None ? reason
            : (query.Pinned ?? query.Bound) is { } pinned && pinned != worker.Id ? Ineligibility.NotPinned
            : _hasBusy && IsBusy(worker) ? Ineligibility.Busy
            : Ineligibility.None;
    }

    /// <summary>Blocks of a prompt, the last one perhaps partly filled.</summary>
    public int PromptBlocks(RouteQuery query) => (query.NumTokens + _options.BlockSize - 1) / _options.BlockSize;
}
