using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Models;
using Dynamo.Abstractions.Routing;
using Dynamo.Cluster.Events;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;
using Dynamo.Routing;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Filters;
using Dynamo.Routing.Prefixes;
using Dynamo.Routing.Workers;

namespace Dynamo.Cluster.Routing;

/// <summary>
/// A model's <see cref="Router"/> among what surrounds it: the model's instances, what workers tell of themselves, those who wait for a held
/// request, and the last decisions. Not thread-safe.
/// </summary>
/// <remarks>
/// Blocks are those of the first worker that was ready; the size of workers with other blocks is converted, their prefixes never match, and a frontend that
/// knows another size has its requests routed by load.
/// </remarks>
internal sealed class ModelRouter(RouterOptions options, Random random, TimeProvider time, Action<RoutingOutcome> decided) : IKVEventSink
{
    /// <summary>Decisions that are remembered.</summary>
    public const int MaxRemembered = 1000;

    private readonly InstanceView _view = new();
    private readonly Dictionary<WorkerId, (long Generation, long Step)> _steps = [];

    // Workers whose newest load says that no prompt waits there.
    private readonly HashSet<WorkerId> _computed = [];
    private readonly HeldWaits _waits = new(time);
    private readonly DecisionLog _decisions = new(MaxRemembered, time);
    private Router? _router;
    private int _blockSize;

    /// <summary>Whether the model's instances are known.</summary>
    public bool HasView => _view.IsKnown;

    /// <summary>Whether there are workers, and none has blocks of the size that this router counts in: one that begins anew would count in theirs.</summary>
    public bool IsOutlived => _router is not null
        && _view.Instances.Any(static instance => instance.Limits is not null)
        && !_view.Instances.Any(instance => instance.Limits?.BlockSize == _blockSize);

    /// <summary>Block sizes of workers that are not the one that this router counts in.</summary>
    public IEnumerable<int> OtherBlockSizes => _view.Instances.Select(instance => instance.Limits?.BlockSize ?? _blockSize).Where(size => size != _blockSize).Distinct();

    /// <summary>Tokens of a block, as this router counts; 0 until a worker is ready.</summary>
    public int BlockSize => _blockSize;

    /// <summary>Requests that are held.</summary>
    public int NumHeld => _router?.NumHeld ?? 0;

    /// <summary>When workers are too busy: what was set, else what the options say.</summary>
    public BusyLimits Busy
    {
        get;
        private set
        {
            field = value;
            if (_router is { } router)
            {
                router.Busy = value;
            }
        }
    }
    = options.Busy;

    private double Now => (double)time.GetTimestamp() / time.TimestampFrequency * 1000;

    /// <summary>Accepts a view.</summary>
    /// <returns>Whether it was newer.</returns>
    public bool Update(ModelView view)
    {
        InstanceReport[] before = _view.Instances;
        if (!_view.Update(view))
        {
            return false;
        }

        Busy = view.Busy.Or(options.Busy);

        foreach (InstanceReport instance in _view.Instances)
        {
            if (instance.Limits is { } limits)
            {
                Router router = _router ??= Create(limits.BlockSize);
                int numBlocks = (int)Math.Max(1, (long)limits.NumBlocks * limits.BlockSize / _blockSize);
                router.SetWorker(instance.Worker, InstanceView.StateOf(instance), new WorkerLimits(numBlocks, limits.MaxBatchedTokens, limits.NumericsClass), Now);
            }
        }

        foreach (InstanceReport instance in before)
        {
            if (_view.Find(instance.Worker)?.Limits is null)
            {
                _steps.Remove(instance.Worker);
                _computed.Remove(instance.Worker);
                _router?.RemoveWorker(instance.Worker, Now);
            }
        }

        AnswerReleased();
        return true;
    }

    /// <summary>Decides, and books or holds the request.</summary>
    public RouteDecision Route(RouteRequest request)
    {
        _waits.Withdraw(request.Request);
        if (_router is not { } router)
        {
            RoutableWorker[] workers = [.. _view.Instances.Select(static instance => new RoutableWorker(instance.Worker, InstanceView.StateOf(instance)))];
            return new RouteDecision
            {
                Status = RouteStatus.Unavailable,
                NumWorkers = workers.Length,
                Reason = Eligibility.Explain(workers, request.Excluded),
            };
        }

        long start = time.GetTimestamp();
        ExplainedDecision decision = router.Route(request.BlockSize == _blockSize ? request : request with { Blocks = [] }, Now);
        Note(request.Name, decision, request.NumTokens, time.GetElapsedTime(start));
        if (decision.Status == RouteStatus.Held)
        {
            _waits.Add(request.Request, request.Name, request.NumTokens);
        }

        AnswerReleased();
        return Answer(decision);
    }

    /// <summary>Waits until something is decided about a held request, or some seconds.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Gives the request up.</param>
    /// <returns><see langword="null"/> when nothing is known of it.</returns>
    public async Task<RouteDecision?> WaitAsync(RequestId request, CancellationToken cancellationToken)
    {
        try
        {
            return await _waits.WaitAsync(request, () => new RouteDecision { Status = RouteStatus.Held, NumWorkers = _view.Instances.Length }, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _router?.Ended(request, Now);
            AnswerReleased();
            throw;
        }
    }

    /// <summary>Accepts what frontends saw.</summary>
    public void Notify(SequenceEvent[] events)
    {
        foreach (SequenceEvent one in events)
        {
            switch (one.Kind)
            {
                case SequenceEventKind.FirstToken:
                    _router?.FirstToken(one.Request, Now);
                    break;
                case SequenceEventKind.Ended:
                    _waits.Withdraw(one.Request);
                    _router?.Ended(one.Request, Now);
                    break;
            }
        }

        AnswerReleased();
    }

    /// <summary>Lets time pass.</summary>
    public void Tick()
    {
        foreach (RequestId request in _waits.Abandoned)
        {
            _waits.Withdraw(request);
            _router?.Ended(request, Now);
        }

        _router?.Tick(Now);
        AnswerReleased();
    }

    /// <summary>How it is.</summary>
    public RouterStatus Status(string model) => new()
    {
        Model = model,
        NumHeld = NumHeld,
        NumHeldTokens = _waits.NumTokens,
        Workers = _router?.Loads() ?? [],
    };

    /// <summary>See <see cref="IRouterGrain.ExplainAsync"/>.</summary>
    public string Explain(string? request, int limit) => _decisions.ToJson(request, limit);

    /// <summary>Blocks that a worker is known to hold.</summary>
    public long NumBlocks(WorkerId worker) => _router?.NumBlocks(worker) ?? 0;

    public void Stored(WorkerId worker, BlockKey? parent, ReadOnlySpan<BlockKey> blocks) => _router?.Stored(worker, parent, blocks);

    public void Removed(WorkerId worker, ReadOnlySpan<BlockKey> blocks) => _router?.Removed(worker, blocks);

    public void Cleared(WorkerId worker) => _router?.Cleared(worker);

    public void Reported(LoadReport load)
    {
        (long Generation, long Step) step = (load.Generation, load.Step);
        int order = step.CompareTo(_steps.GetValueOrDefault(load.Worker));
        if (order >= 0)
        {
            // Without a step blocks are still freed, by clients that leave; a step is learnt from once.
            StepSample sample = StepSample.From(load);
            _steps[load.Worker] = step;
            _ = load.NumQueuedPrefillTokens == 0 ? _computed.Add(load.Worker) : _computed.Remove(load.Worker);
            _router?.ReportLoad(load.Worker, order > 0 ? sample : sample with { Milliseconds = 0 }, Now);
        }
    }

    public void Alive(WorkerId worker, IReadOnlyList<RequestId> sequences)
    {
        _router?.Reconcile(worker, sequences, _computed.Contains(worker), Now);
        AnswerReleased();
    }

    public void Gone(WorkerId worker) => _router?.Lost(worker);

    private void Note(string name, ExplainedDecision decision, int numTokens, TimeSpan? took)
    {
        _decisions.Add(name, decision);
        decided(new RoutingOutcome(decision.Status, numTokens, decision.OverlapBlocks * _blockSize, decision.MostOverlapBlocks * _blockSize, took));
    }

    private Router Create(int blockSize)
    {
        _blockSize = blockSize;
        return new Router(options with { BlockSize = blockSize, Busy = Busy }, static () => new PrefixIndex(), random);
    }

    // Held requests about which something was decided.
    private void AnswerReleased()
    {
        while (_router is { } router && router.TryTakeReleased(out ExplainedDecision? decision))
        {
            // A caller that gave up waiting took its request back from the router, too.
            if (_waits.TryDecide(decision.Request, Answer(decision), out string name, out int numTokens))
            {
                Note(name, decision, numTokens, took: null);
            }
        }
    }

    private RouteDecision Answer(ExplainedDecision decision) =>
        decision.Worker is { } worker && _view.Find(worker) is { } instance ? decision.Answer with { Instance = instance.Key.ToString() } : decision.Answer;
}
