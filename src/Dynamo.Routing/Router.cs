using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;
using Dynamo.Routing.Bookings;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Filters;
using Dynamo.Routing.Holding;
using Dynamo.Routing.Modes;
using Dynamo.Routing.Prefixes;
using Dynamo.Routing.Questions;
using Dynamo.Routing.Scoring;
using Dynamo.Routing.Sessions;
using Dynamo.Routing.Workers;

namespace Dynamo.Routing;

/// <summary>
/// Decides which worker gets a request: who may (<see cref="Ineligibility"/>), what it would cost, which to take. A decision books the request
/// at once, so the next one counts it. Knows neither grains nor clocks: moments come in as milliseconds since any fixed one and never go back,
/// chance comes from outside, so equal calls give equal decisions. Not thread-safe.
/// </summary>
/// <remarks>
/// A request's life: <see cref="Route"/> → routed (or held, then told by <see cref="TryTakeReleased"/>) → <see cref="FirstToken"/> →
/// <see cref="Ended"/>, however it ends. Every one of these calls, and <see cref="Tick"/>, may release held requests.
/// </remarks>
public sealed class Router
{
    private const double StaleSweepMilliseconds = 60_000;

    // A request that was booked so long ago and that its worker names was there when the worker counted what it has to compute.
    private const double SurelyThereMilliseconds = 500;

    private readonly RouterOptions _options;
    private readonly IPrefixIndex _known;
    private readonly OwnDecisions? _ownDecisions;
    private readonly SessionTable? _sessions;
    private readonly WorkerTable _workers;
    private readonly Assessment _assessment;
    private readonly RoutingMode _mode;
    private readonly BookingLedger _bookings;
    private readonly HoldQueue _held = new();
    private readonly HeldChoice _heldChoice;
    private readonly Queue<ExplainedDecision> _released = [];
    private double _sweptAt = double.NegativeInfinity;

    /// <summary>No worker is known.</summary>
    /// <param name="options">How to decide.</param>
    /// <param name="createIndex">Makes an empty prefix index, for what workers hold.</param>
    /// <param name="random">Breaks ties and draws.</param>
    /// <exception cref="ArgumentException">There is no mode of the name.</exception>
    public Router(RouterOptions options, Func<IPrefixIndex> createIndex, Random random)
    {
        _options = options;
        _known = createIndex();
        BookedPrompts booked = new();
        _ownDecisions = options.HasKVEvents ? null : new OwnDecisions(_known, options.ApproximateMilliseconds);
        _sessions = options.Sessions is { } sessions ? new SessionTable(sessions.IdleMilliseconds) : null;
        _workers = new WorkerTable(options.BlockSize, booked);
        _mode = RoutingModes.Create(options, random);
        _assessment = new Assessment(options, _mode.Holds, _mode.HasCost, _workers, _known, booked);
        _bookings = new BookingLedger(_sessions);
        _heldChoice = new HeldChoice(options, _held, _assessment, _workers, _known, booked);
    }

    /// <summary>Requests that are held.</summary>
    public int NumHeld => _held.Count;

    /// <summary>Requests at workers.</summary>
    public int NumBooked => _bookings.Count;

    /// <summary>When workers are too busy, from now on; at first what the options say.</summary>
    public BusyLimits Busy { get => _assessment.Busy; set => _assessment.Busy = value; }

    /// <summary>What each worker has to do, as far as known.</summary>
    public WorkerLoad[] Loads()
    {
        WorkerLoad[] loads = new WorkerLoad[_workers.Count];
        for (int i = 0; i < loads.Length; i++)
        {
            WorkerEntry worker = _workers[i];
            loads[i] = new WorkerLoad(worker.Id, worker.NumLive, worker.NumQueued, worker.QueuedTokens, worker.UsedBlocks, worker.Limits.NumBlocks, worker.Speed);
        }

        return loads;
    }

    /// <summary>Adds a worker or changes what is known of it.</summary>
    public void SetWorker(WorkerId id, WorkerState state, WorkerLimits limits, double now)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limits.NumBlocks, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(limits.MaxBatchedTokens, 1);
        WorkerEntry worker = _workers.GetOrAdd(id);
        worker.Set(state, limits);
        RefuseHopeless(now);
        Release(worker, now);
    }

    /// <summary>Forgets a worker, what it holds and the requests it had: whoever has these asks again.</summary>
    public void RemoveWorker(WorkerId id, double now)
    {
        if (_workers.Find(id) is not { } worker)
        {
            return;
        }

        _bookings.Drop(worker, now);
        Lost(id);
        _workers.Remove(worker);
        RefuseHopeless(now);
    }

    /// <summary>Nothing that a worker held is left, as after a restart: neither what it told nor what own decisions made it hold.</summary>
    public void Lost(WorkerId id)
    {
        if (_workers.Find(id) is { } worker)
        {
            _known.Cleared(worker.Slot);
            _ownDecisions?.Clear(worker.Slot);
        }
    }

    /// <summary>
    /// A worker stored consecutive blocks; see <see cref="IPrefixIndex.Stored"/>. Of an unknown worker nothing is kept, and of none where own decisions
    /// count instead (<see cref="RouterOptions.HasKVEvents"/>).
    /// </summary>
    public void Stored(WorkerId id, BlockKey? parent, ReadOnlySpan<BlockKey> blocks)
    {
        if (_options.HasKVEvents && _workers.Find(id) is { } worker)
        {
            _known.Stored(worker.Slot, parent, blocks);
        }
    }

    /// <summary>A worker lost blocks.</summary>
    public void Removed(WorkerId id, ReadOnlySpan<BlockKey> blocks)
    {
        if (_options.HasKVEvents && _workers.Find(id) is { } worker)
        {
            _known.Removed(worker.Slot, blocks);
        }
    }

    /// <summary>A worker lost all blocks, or what it holds is about to be told anew.</summary>
    public void Cleared(WorkerId id)
    {
        if (_options.HasKVEvents && _workers.Find(id) is { } worker)
        {
            _known.Cleared(worker.Slot);
        }
    }

    /// <summary>A worker said how busy it is and how long its last step took. Give each step once: what is said again is learnt again.</summary>
    public void ReportLoad(WorkerId id, in StepSample step, double now) => _workers.Find(id)?.Report(step, now);

    /// <summary>Blocks that a worker is known to hold; 0 when it is unknown.</summary>
    public long NumBlocks(WorkerId id) => _workers.Find(id) is { } worker ? _known.NumBlocks(worker.Slot) : 0;

    /// <summary>
    /// A worker named all sequences that it has. What was booked there, was not heard of for <see cref="RouterOptions.UnadmittedMilliseconds"/> and is
    /// not among them never got there, or ended without a word: its frontend may be gone.
    /// </summary>
    /// <param name="id">The worker.</param>
    /// <param name="sequences">What it has.</param>
    /// <param name="isAllComputed">
    /// Whether no prompt of these waits there any more. Word of a first token can come before word of where a frontend itself sent the request, and is of
    /// no use then; without the worker's own, such a request would count as one that waits until it ends, and keep others held.
    /// </param>
    /// <param name="now">The moment.</param>
    public void Reconcile(WorkerId id, IReadOnlyList<RequestId> sequences, bool isAllComputed, double now)
    {
        if (_workers.Find(id) is not { } worker)
        {
            return;
        }

        foreach (RequestId sequence in sequences)
        {
            if (_bookings.TryHear(sequence, now, out Booking? booking) && isAllComputed && booking.Worker == worker && now - booking.Since > SurelyThereMilliseconds)
            {
                worker.Unqueue(booking, now);
            }
        }

        // Those just kept alive have been heard of now.
        _bookings.EndUnheard(worker, _options.UnadmittedMilliseconds, now);
        Release(worker, now);
    }

    /// <summary>Decides, and books or holds the request.</summary>
    public ExplainedDecision Route(RouteRequest request, double now)
    {
        Question query = Question.Of(request);
        _known.Expect(query.Blocks);
        Forget(query.Request, now);
        if (query.RunsAt is { } worker)
        {
            return BookAt(worker, query, now);
        }

        return _mode.FaultOf(query) is { } fault ? Refuse(query, RouteStatus.Invalid, fault, []) : DecideInClass(query, now);
    }

    private ExplainedDecision BookAt(WorkerId id, Question query, double now)
    {
        if (_workers.Find(id) is not { } worker)
        {
            return Refuse(query, RouteStatus.Unavailable, $"worker {id}, where it runs, is not known", []);
        }

        _assessment.Assess(query, now, isHoldWaived: true);
        _mode.Score(_assessment);
        return Send(query, worker.Index, now, now);
    }

    // A text goes on where it rounds alike, if need be after a while; that none there can go on with it does not end it.
    private ExplainedDecision DecideInClass(Question query, double now)
    {
        ExplainedDecision decision = DecideInSession(query, now);
        return query.NumericsClass is null || decision.Status is RouteStatus.Routed or RouteStatus.Held
            ? decision
            : DecideInSession(query with { IsClassWaived = true }, now);
    }

    private ExplainedDecision DecideInSession(Question query, double now) =>
        query.Pinned is null && SessionWorker(query, now) is { } bound ? DecideAt(bound, query, now) : Decide(query, now);

    // Only a worker that takes requests keeps its sessions.
    private WorkerId? SessionWorker(Question query, double now) =>
        query.SessionKey is { } session
        && _sessions?.Find(session, now) is { } id
        && _workers.Find(id) is { State: WorkerState.Ready } worker
        && query.AcceptsClass(worker.Limits.NumericsClass)
        && !query.Excluded.Contains(id) ? id : null;

    private ExplainedDecision DecideAt(WorkerId bound, Question query, double now)
    {
        ExplainedDecision decision = Decide(query with { Bound = bound }, now);
        if (decision.Status == RouteStatus.Routed || _options.Sessions!.IsHard)
        {
            return decision;
        }

        _held.Remove(query.Request);
        return Decide(query, now);
    }

    private ExplainedDecision Decide(Question query, double now)
    {
        _assessment.Assess(query, now, isHoldWaived: false);
        int chosen = Choose(query);
        if (chosen >= 0)
        {
            return Send(query, chosen, now, now);
        }

        if (!_assessment.HasHoldReason)
        {
            return Refuse(query, _assessment.HasBusy ? RouteStatus.Overloaded : RouteStatus.Unavailable, _assessment.Summary(), _assessment.Explain(chosen: -1));
        }

        if (_options.Hold!.MaxHeld is { } most && _held.Count >= most)
        {
            return Refuse(query, RouteStatus.Overloaded, $"{_held.Count} requests are held already; {_assessment.Summary()}", _assessment.Explain(chosen: -1));
        }

        _held.Add(new HeldRequest(query, now));
        return Refuse(query, RouteStatus.Held, _assessment.Summary(), _assessment.Explain(chosen: -1));
    }

    /// <summary>
    /// The first token of a request was seen: its prompt has been computed. One of which nothing is heard, here or by <see cref="Reconcile"/>, is taken to
    /// be gone after <see cref="RouterOptions.StaleMilliseconds"/>.
    /// </summary>
    public void FirstToken(RequestId id, double now)
    {
        if (_bookings.TryHear(id, now, out Booking? booking))
        {
            booking.Worker.Unqueue(booking, now);
            Release(booking.Worker, now);
        }
    }

    /// <summary>A request finished, failed, was cancelled or moves elsewhere; one that is held is not sent any more. Unknown ones are ignored.</summary>
    public void Ended(RequestId id, double now)
    {
        if (Forget(id, now) is { } worker)
        {
            Release(worker, now);
        }
    }

    /// <summary>Lets time pass: held requests that now may go are released, those held too long are refused, what was forgotten is swept.</summary>
    public void Tick(double now)
    {
        _ownDecisions?.Expire(now);
        if (now - _sweptAt >= StaleSweepMilliseconds)
        {
            _sweptAt = now;
            _sessions?.Expire(now);
            _bookings.EndUnheard(null, _options.StaleMilliseconds, now);
        }

        foreach (HeldRequest held in _held.All().Where(held => held.WaitsForClass && now - held.Since > _options.Hold!.MaxClassMilliseconds))
        {
            held.WaiveClass();
        }

        for (int i = 0; i < _workers.Count && _held.Count > 0; i++)
        {
            Release(_workers[i], now);
        }

        if (_options.Hold?.MaxHeldMilliseconds is { } longest && now - _held.OldestSince > longest)
        {
            foreach (HeldRequest held in _held.All().Where(held => now - held.Since > longest).ToArray())
            {
                _held.Remove(held.Query.Request);
                _released.Enqueue(Refuse(held.Query, RouteStatus.Overloaded, $"it was held for {now - held.Since:F0} ms", [], now - held.Since));
            }
        }
    }

    /// <summary>The next held request of which something was decided since, if any.</summary>
    public bool TryTakeReleased([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ExplainedDecision? decision) => _released.TryDequeue(out decision);

    private ExplainedDecision Send(Question query, int chosen, double since, double now)
    {
        WorkerEntry worker = _workers[chosen];
        int overlap = _assessment.OverlapAt(chosen);
        RouteDecision answer = new()
        {
            Status = RouteStatus.Routed,
            Worker = worker.Id,
            NumericsClass = worker.Limits.NumericsClass,
            NumOverlapTokens = overlap * _options.BlockSize,
            HeldMilliseconds = now - since,
            NumWorkers = _workers.Count,
        };
        ExplainedDecision decision = new(answer)
        {
            Request = query.Request,
            Mode = _options.Mode,
            PreferredClass = query.NumericsClass,
            OverlapBlocks = overlap,
            MostOverlapBlocks = _assessment.MostOverlapBlocks,
            Candidates = _assessment.Explain(chosen),
        };
        _bookings.Add(worker.Book(query, CostInput.UncachedTokensOf(query.NumTokens, overlap, _options.BlockSize), now));
        _ownDecisions?.Add(worker.Slot, query.Blocks, now);
        if (query.SessionKey is { } session)
        {
            _sessions?.Bind(session, worker.Id, now);
        }

        return decision;
    }

    private ExplainedDecision Refuse(Question query, RouteStatus status, string reason, IReadOnlyList<Candidate> candidates, double heldMilliseconds = 0) =>
        new(new RouteDecision { Status = status, Reason = reason, HeldMilliseconds = heldMilliseconds, NumWorkers = _workers.Count })
        {
            Request = query.Request,
            Mode = _options.Mode,
            PreferredClass = query.NumericsClass,
            Candidates = candidates,
        };

    // What changed is at one worker, so nothing that is held can go anywhere else.
    private void Release(WorkerEntry worker, double now)
    {
        while (_heldChoice.Take(worker, now) is { } held)
        {
            _assessment.Assess(held.Query, now, isHoldWaived: now - held.Since > _options.Hold!.MaxFitMilliseconds);
            _mode.Score(_assessment);
            _released.Enqueue(Send(held.Query, worker.Index, held.Since, now));
        }
    }

    private void RefuseHopeless(double now)
    {
        foreach (HeldRequest held in _held.All().Where(held => !_assessment.HasHope(held.Query)).ToArray())
        {
            // Its session's worker is gone, or its class; where others only have too much to do now, it keeps its age and its place.
            held.Unbind();
            _assessment.Assess(held.Query, now, isHoldWaived: false);
            int chosen = Choose(held.Query);
            if (chosen < 0 && (_assessment.HasHoldReason || _assessment.HasBusy))
            {
                continue;
            }

            _held.Remove(held.Query.Request);
            ExplainedDecision decision = chosen >= 0 ? Send(held.Query, chosen, held.Since, now)
                : Refuse(held.Query, RouteStatus.Unavailable, _assessment.Summary(), _assessment.Explain(chosen: -1), now - held.Since);
            _released.Enqueue(decision);
        }
    }

    private int Choose(Question query)
    {
        _mode.Score(_assessment);
        return _mode.Pick(_assessment, query);
    }

    private WorkerEntry? Forget(RequestId id, double now)
    {
        _held.Remove(id);
        return _bookings.End(id, now);
    }
}
