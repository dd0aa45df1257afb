using Dynamo.Engine.Mock;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;
using Dynamo.Routing;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Workers;
using Dynamo.Simulation.Configuration;
using Dynamo.Simulation.Machines;

namespace Dynamo.Simulation.Serving;

/// <summary>Workers that do the same, and the router that chooses among them. Workers are numbered over all pools.</summary>
internal sealed class WorkerPool
{
    private readonly SimulationConfig _config;
    private readonly IServing _serving;
    private readonly int _first;
    private readonly ToldRouter _router;
    private readonly ISimulatedEngine[] _engines;
    private readonly SimulatedStep?[] _steps;
    private readonly double[] _busy;
    private readonly PriorityQueue<int, (double Moment, int Worker)> _ends = new();
    private readonly Queue<int> _awake = [];
    private readonly Dictionary<RequestId, SimulatedRequest> _underWay = [];
    private readonly List<SimulatedRequest> _emitted = [];

    /// <param name="config">What is simulated.</param>
    /// <param name="router">How this pool is routed.</param>
    /// <param name="first">Its first worker.</param>
    /// <param name="count">Its workers.</param>
    /// <param name="parts">What it shares with others.</param>
    /// <param name="serving">Says what becomes of requests.</param>
    public WorkerPool(SimulationConfig config, RouterOptions router, int first, int count, PoolParts parts, IServing serving)
    {
        (_config, _serving, _first) = (config, serving, first);
        _router = new ToldRouter(router, config, new Random(config.Seed + first));
        _engines = new ISimulatedEngine[count];
        _steps = new SimulatedStep?[count];
        _busy = new double[count];
        for (int i = 0; i < count; i++)
        {
            int worker = first + i;
            StepTiming timing = config.WorkerSpeeds.Count == 0
                ? config.Timing
                : config.Timing with { SpeedupRatio = config.Timing.SpeedupRatio * config.WorkerSpeeds[worker] };
            _engines[i] = config.EngineModel == EngineModel.Own
                ? new OwnEngine(config, timing, parts.Prompt, parts.MaxModelLength, worker, _router)
                : new PeerEngine(config.Machine, timing, worker, _router);
            _router.AddWorker(IdOf(worker), new WorkerLimits(config.Machine.NumBlocks, config.Machine.MaxBatchedTokens));
        }
    }

    /// <summary>By worker: milliseconds in steps that have ended.</summary>
    public IReadOnlyList<double> BusyMilliseconds => _busy;

    /// <summary>Requests that the router held so far, and milliseconds for which it did.</summary>
    public int NumHeld { get; private set; }

    /// <summary>See <see cref="NumHeld"/>.</summary>
    public double HeldMilliseconds { get; private set; }

    /// <summary>Requests that the router holds now.</summary>
    public int NumHeldNow => _router.NumHeld;

    /// <summary>Requests that the router has at workers.</summary>
    public int NumBooked => _router.NumBooked;

    /// <summary>Blocks in use at all workers.</summary>
    public int NumUsedBlocks => _engines.Sum(static engine => engine.NumUsedBlocks);

    /// <summary>When the next step ends or the router hears something; infinite if nothing is under way.</summary>
    public double NextMoment => Math.Min(
        _ends.TryPeek(out _, out (double Moment, int Worker) end) ? end.Moment : double.PositiveInfinity,
        _router.NextMoment);

    /// <summary>Whether there are workers to look at before time goes on.</summary>
    public bool IsAwake => _awake.Count > 0;

    /// <summary>Asks the router for a worker. It may be held.</summary>
    public void Route(SimulatedRequest request, double now)
    {
        _underWay.Add(request.Id, request);
        Take(_router.Route(request, now), now);
    }

    /// <summary>Asks the router how many tokens of a prompt the worker has that would get it, and gives it to nobody.</summary>
    /// <returns><see langword="null"/>: it would be held.</returns>
    public int? CachedTokens(SimulatedRequest request, double now)
    {
        ExplainedDecision decision = _router.Route(request, now);
        _router.TakeBack(request.Id, now);
        return decision.Status == RouteStatus.Routed ? decision.OverlapBlocks * _config.Machine.BlockSize : null;
    }

    /// <summary>Gives a worker a request.</summary>
    public void Submit(int worker, SimulatedRequest request, bool isPrefillOnly)
    {
        EngineOf(worker).Submit(request, isPrefillOnly);
        Wake(worker);
    }

    /// <summary>Takes a request from a worker.</summary>
    public void Release(int worker, SimulatedRequest request)
    {
        EngineOf(worker).Release(request);
        Wake(worker);
    }

    /// <summary>Reserves room at a worker for a request that comes from elsewhere.</summary>
    public bool TryReserve(int worker, SimulatedRequest request, out int numReusedTokens) => EngineOf(worker).TryReserve(request, out numReusedTokens);

    /// <summary>A request that comes from elsewhere is there.</summary>
    public void Resume(int worker, SimulatedRequest request)
    {
        EngineOf(worker).Resume(request);
        Wake(worker);
    }

    /// <summary>Looks at a worker again before time goes on.</summary>
    public void Wake(int worker) => _awake.Enqueue(worker);

    /// <summary>Tells the router of the first token that a request has from this pool.</summary>
    public void TellFirstToken(SimulatedRequest request, double now) => _router.TellFirstToken(request.Id, now);

    /// <summary>Tells the router that a request is over here.</summary>
    public void TellEnded(SimulatedRequest request, double now)
    {
        _underWay.Remove(request.Id);
        _router.TellEnded(request.Id, now);
    }

    /// <summary>Lets the router hear what has come by now.</summary>
    public void Deliver(double now) => _router.Deliver(now);

    /// <summary>Ends the steps that end by now.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="onToken">Gets every request that has a new token, before the serving does.</param>
    public void EndSteps(double now, Action<SimulatedRequest> onToken)
    {
        _router.Now = now;
        while (_ends.TryPeek(out int worker, out (double Moment, int Worker) end) && end.Moment <= now)
        {
            _ends.Dequeue();
            SimulatedStep step = _steps[worker - _first]!.Value;
            _steps[worker - _first] = null;
            _busy[worker - _first] += step.Milliseconds;
            Wake(worker);
            _emitted.Clear();
            EngineOf(worker).End(_emitted);
            StepSample sample = new(step.NumPrefillTokens, step.NumDecodeSequences, step.Milliseconds, step.NumActiveBlocks, _config.Machine.NumBlocks);
            _router.TellStep(IdOf(worker), sample, now);
            foreach (SimulatedRequest request in _emitted)
            {
                onToken(request);
                _serving.OnToken(this, worker, request, now);
                request.Keys = request.IsFinished || request.HasLeft ? [] : request.Keys;
            }
        }
    }

    /// <summary>Lets the router look at what it holds, from time to time.</summary>
    public void Tick(double now) => _router.Tick(now);

    /// <summary>Places what the router has released, and begins the steps of workers that were waiting for something to do.</summary>
    public void BeginSteps(double now)
    {
        _router.Now = now;
        while (_router.TryTakeReleased(out ExplainedDecision? decision))
        {
            Take(decision, now);
        }

        while (_awake.TryDequeue(out int worker))
        {
            _serving.OnWake(this, worker, now);
            ISimulatedEngine engine = EngineOf(worker);
            if (_steps[worker - _first] is null && engine.HasWork && engine.Begin(now) is { } step)
            {
                _steps[worker - _first] = step;
                _ends.Enqueue(worker, (now + step.Milliseconds, worker));
            }
        }
    }

    private void Take(ExplainedDecision decision, double now)
    {
        if (decision.Status == RouteStatus.Held)
        {
            NumHeld++;
            return;
        }

        SimulatedRequest request = _underWay[decision.Request];
        if (decision.Status != RouteStatus.Routed)
        {
            throw new SimulationException($"The router refuses request {request.Index}: {decision.Reason}.");
        }

        HeldMilliseconds += decision.HeldMilliseconds;
        _serving.OnPlaced(this, NumberOf(decision.Worker!.Value), request, now);
    }

    private ISimulatedEngine EngineOf(int worker) => _engines[worker - _first];

    private static WorkerId IdOf(int worker) => ToldRouter.IdOf(worker);

    private static int NumberOf(WorkerId id) => (int)id.Value - 1;
}
