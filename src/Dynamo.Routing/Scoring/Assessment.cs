using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Dynamo.Protocol.Load;
using Dynamo.Routing.Bookings;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Filters;
using Dynamo.Routing.Prefixes;
using Dynamo.Routing.Questions;
using Dynamo.Routing.Vectors;
using Dynamo.Routing.Workers;

namespace Dynamo.Routing.Scoring;

/// <summary>All workers in the eyes of one request: who may get it, and what it would find there. Reused for every request.</summary>
internal sealed class Assessment(RouterOptions options, WorkerTable workers, IPrefixIndex known, BookedPrompts booked)
{
    private readonly RouterOptions _options = options;
    private readonly WorkerTable _workers = workers;
    private readonly IPrefixIndex _known = known;
    private readonly PromptDepths _depths = new(workers, known, booked);
    private readonly bool _holds = options is { Mode: RouterMode.KV, Hold: not null };
    private readonly int[] _best = new int[options.MaxExplained];
    private BusyThresholds _busy = options.Busy;
    private bool _hasBusy = options.Busy != new BusyThresholds();
    private AlignedArray<int> _reasons;
    private AlignedArray<int> _ownReasons;
    private AlignedArray<double> _costs;
    private RouteQuery _query = null!;
    private DynamoCostOptions _dynamo = options.Dynamo;
    private double _now;
    private bool _isHoldWaived;
    private bool _hasOwnReasons;
    private long _leastQueued;
    private double _perMeanRecent;
    private Comparison? _comparison;
    private Lows _lows;

    /// <summary>When workers are too busy.</summary>
    public BusyThresholds Busy
    {
        get => _busy;
        set => (_busy, _hasBusy) = (value, value != new BusyThresholds());
    }

    /// <summary>Workers in the table's order.</summary>
    public int Count => _workers.Count;

    /// <summary>By worker: what is compared; NaN where it cannot get the request, and where there is nobody, up to a whole vector. Found by a comparison.</summary>
    public ReadOnlySpan<double> Costs => _costs.Span[.._workers.Columns.Length];

    /// <summary>Of <see cref="Costs"/>.</summary>
    public ref readonly Lows Lows => ref _lows;

    /// <summary>Whether a worker would take the request later.</summary>
    public bool HasHoldReason => Reasons.ContainsAny((int)Ineligibility.QueueFull, (int)Ineligibility.NoRoom);

    /// <summary>Whether a worker is too busy.</summary>
    public bool HasBusy => Reasons.Contains((int)Ineligibility.Busy);

    /// <summary>The most blocks of the prompt that any worker has, whether it can get the request or not. Found by a comparison.</summary>
    public int MostOverlapBlocks { get; private set; }

    private ReadOnlySpan<int> Reasons => _reasons.Span[.._workers.Count];

    // Reasons that have nothing to do with holding back.
    private ReadOnlySpan<Vector512<int>> FixedReasons =>
        MemoryMarshal.Cast<int, Vector512<int>>(_hasOwnReasons ? _ownReasons.Span[.._workers.Columns.Length] : _workers.Columns.Reasons);

    public WorkerEntry Worker(int index) => _workers[index];

    /// <summary>Index of the first worker with a higher id; <see cref="Count"/> when there is none.</summary>
    public int FirstAfter(WorkerId id) => _workers.FirstAfter(id);

    /// <summary>Why a worker cannot get the request.</summary>
    public Ineligibility ReasonAt(int index) => (Ineligibility)_reasons.Span[index];

    /// <summary>Looks at a request.</summary>
    /// <param name="query">The request.</param>
    /// <param name="now">The moment.</param>
    /// <param name="isHoldWaived">Whether it may go where its prompt does not fit beside the others.</param>
    public void Assess(RouteQuery query, double now, bool isHoldWaived)
    {
        (_query, _now) = (query, now);
        _dynamo = query.Overrides?.Apply(_options.Dynamo) ?? _options.Dynamo;
        _isHoldWaived = isHoldWaived;
        int length = _workers.Columns.Length;
        if (_reasons.Length < length)
        {
            (_reasons, _ownReasons, _costs) = (new AlignedArray<int>(2 * length), new AlignedArray<int>(2 * length), new AlignedArray<double>(2 * length));
        }

        // Far memory takes long: while something else is done, what the index will need next is on its way.
        FindOwnReasons(query);
        _known.Expect(query.Keys());
        _depths.FindBooked(query.Keys());
        double recent = _workers.Columns.SumRecent;
        _perMeanRecent = recent == 0 ? 0 : _workers.Count / recent;
        _leastQueued = _options.Cost == RouterCost.Dynamo && _dynamo.OverlapScoreCreditDecay > 0 ? LeastQueued() : 0;
        _depths.FindKnown(query.Keys());
    }

    // Where not only a worker's state counts.
    private void FindOwnReasons(RouteQuery query)
    {
        _hasOwnReasons = _hasBusy || query.Pinned is not null || query.Bound is not null || query.NumericsClass is not null || query.Excluded.Length > 0;
        if (_hasOwnReasons)
        {
            // Behind the last worker they stay as they are: there is nobody.
            Span<int> reasons = _ownReasons.Span;
            _workers.Columns.Reasons.CopyTo(reasons);
            for (int i = 0; i < _workers.Count; i++)
            {
                reasons[i] = (int)ReasonAgainst(_workers[i], query);
            }
        }
    }

    private HoldRule Rule() => _holds
        ? new HoldRule(_workers.Columns, _options.Hold!.MaxQueued, _isHoldWaived ? null : Inquiry.BlocksOf(_query.NumTokens, _options.BlockSize))
        : new HoldRule(_workers.Columns, int.MaxValue, null);

    private long LeastQueued()
    {
        HoldRule rule = Rule();
        ReadOnlySpan<Vector512<int>> booked = _depths.Booked;
        ReadOnlySpan<Vector512<int>> fixedReasons = FixedReasons;
        ReadOnlySpan<Vector512<double>> queuedTokens = _workers.Columns.QueuedTokens;
        Vector512<double> none = Vector512.Create(double.PositiveInfinity);
        Vector512<double> least = none;
        for (int i = 0; i < fixedReasons.Length; i++)
        {
            (Vector512<double> low, Vector512<double> high) = Eligible(rule.Apply(i, fixedReasons[i], booked[i]));
            least = Lows.Lower(Vector512.ConditionalSelect(low, queuedTokens[2 * i], none), least);
            least = Lows.Lower(Vector512.ConditionalSelect(high, queuedTokens[(2 * i) + 1], none), least);
        }

        double lowest = new Lows(least, none, none, none).Least;
        return double.IsFinite(lowest) ? (long)lowest : 0;
    }

    // Masks of those without a reason.
    private static (Vector512<double> Low, Vector512<double> High) Eligible(Vector512<int> reasons)
    {
        (Vector512<long> low, Vector512<long> high) = Vector512.Widen(Vector512.Equals(reasons, Vector512<int>.Zero));
        return (low.AsDouble(), high.AsDouble());
    }

    /// <summary>Compares by <see cref="TimeCost"/>.</summary>
    public void CompareTimes() => Compare(new TimeCosts(_workers.Columns, _query.NumTokens, _options.BlockSize, _now, _perMeanRecent));

    /// <summary>Compares by <see cref="DynamoCost"/>.</summary>
    public void CompareBlocks() => Compare(new BlockCosts(_workers.Columns, _dynamo, _query.NumTokens, _options.BlockSize, _leastQueued));

    /// <summary>Compares by how many requests are there, or not at all.</summary>
    public void CompareRequests(double weight) => Compare(new RequestCosts(_workers.Columns, weight));

    // One pass: with many workers, bringing their columns near takes longer than calculating.
    private void Compare<TCosts>(TCosts costs)
        where TCosts : struct, ICosts, allows ref struct
    {
        ReadOnlySpan<Vector512<int>> known = _depths.Known;
        ReadOnlySpan<Vector512<int>> booked = _depths.Booked;
        ReadOnlySpan<Vector512<int>> fixedReasons = FixedReasons;
        Span<Vector512<int>> reasons = MemoryMarshal.Cast<int, Vector512<int>>(_reasons.Span[.._workers.Columns.Length]);
        HoldRule rule = Rule();
        Span<Vector512<double>> totals = MemoryMarshal.Cast<double, Vector512<double>>(_costs.Span[.._workers.Columns.Length]);
        Vector512<int> most = Vector512<int>.Zero;
        Vector512<double> none = Vector512.Create(double.NaN);
        Vector512<double> a = Vector512.Create(double.PositiveInfinity);
        (Vector512<double> b, Vector512<double> c, Vector512<double> d) = (a, a, a);
        for (int i = 0; i < reasons.Length; i++)
        {
            Vector512<int> overlap = _options.PredictOnRoute ? Vector512.Max(known[i], booked[i]) : known[i];
            most = Vector512.Max(most, overlap);
            (Vector512<long> lowOverlap, Vector512<long> highOverlap) = Vector512.Widen(overlap);
            (Vector512<long> lowBooked, Vector512<long> highBooked) = Vector512.Widen(booked[i]);
            Vector512<double> low = costs.Of(2 * i, Vector512.ConvertToDouble(lowOverlap), Vector512.ConvertToDouble(lowBooked));
            Vector512<double> high = costs.Of((2 * i) + 1, Vector512.ConvertToDouble(highOverlap), Vector512.ConvertToDouble(highBooked));
            Vector512<int> reason = rule.Apply(i, fixedReasons[i], booked[i]);
            reasons[i] = reason;
            (Vector512<double> lowEligible, Vector512<double> highEligible) = Eligible(reason);
            low = Vector512.ConditionalSelect(lowEligible, low, none);
            high = Vector512.ConditionalSelect(highEligible, high, none);
            (totals[2 * i], totals[(2 * i) + 1]) = (low, high);

            // Shares take turns, so that no step waits for the one before.
            (a, b, c, d) = (c, d, Lows.Lower(low, a), Lows.Lower(high, b));
        }

        _lows = new Lows(a, b, c, d);
        MostOverlapBlocks = 0;
        for (int i = 0; i < Vector512<int>.Count; i++)
        {
            MostOverlapBlocks = Math.Max(MostOverlapBlocks, most[i]);
        }
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

    /// <summary>Blocks of the prompt that a worker has or is computing, from the first on.</summary>
    public int OverlapAt(int index) => _options.PredictOnRoute ? Math.Max(_depths.KnownAt(index), _depths.BookedAt(index)) : _depths.KnownAt(index);

    /// <summary>The chosen worker and the best others, best first, and where there is room those that cannot get the request.</summary>
    /// <param name="chosen">Index of the worker that gets it, or -1. Of equals it is first; a chance may have chosen it against the cost.</param>
    public Candidate[] Explain(int chosen)
    {
        Span<int> best = _best.AsSpan(0, Math.Min(_best.Length, _workers.Count));
        Candidate[] candidates = new Candidate[BestWorkers.Select(Costs, _workers.Count, _lows, chosen, best)];
        Inquiry inquiry = new(_options.BlockSize, _query.NumTokens, _now, _perMeanRecent, CurrentComparison());
        for (int i = 0; i < candidates.Length; i++)
        {
            int worker = best[i];
            candidates[i] = new Candidate(_workers.FactsOf(worker), inquiry, ReasonAt(worker), OverlapAt(worker), _depths.BookedAt(worker));
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
            : !query.AcceptsClass(worker.Limits.NumericsClass) ? Ineligibility.OtherClass
            : _hasBusy && IsBusy(worker) ? Ineligibility.Busy
            : Ineligibility.None;
    }
}
