using System.Diagnostics;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Routing;
using Dynamo.Routing.Prefixes;
using Dynamo.Routing.Workers;
using Dynamo.Simulation.Machines;
using Dynamo.Simulation.Traces;

namespace Dynamo.Simulation;

/// <summary>
/// A trace, a router and workers in virtual time. At any moment steps that end come first, then requests that arrive, then new steps, so that
/// whatever is there when a step begins is in it. Deterministic: equal configurations and traces give equal results.
/// </summary>
public sealed class Simulator : IBlockListener
{
    private const double TickMilliseconds = 100;

    private readonly SimulationConfig _config;
    private readonly Router _router;
    private readonly ISimulatedEngine[] _engines;
    private readonly SimulatedStep?[] _steps;
    private readonly double[] _busy;
    private readonly SimulatedRequest[] _requests;
    private readonly Dictionary<RequestId, SimulatedRequest> _underWay = [];
    private readonly PromptTokens _prompt;
    private readonly PriorityQueue<int, (double Moment, int Worker)> _ends = new();
    private readonly Queue<int> _idle = [];
    private readonly List<SimulatedRequest> _emitted = [];
    private readonly List<float> _gaps = [];
    private int _next;
    private int _numFinished;
    private double _now;
    private double _tickedAt;
    private int _numHeld;
    private double _heldMilliseconds;

    private Simulator(IReadOnlyList<TraceRequest> trace, SimulationConfig config)
    {
        _config = config;
        _router = new Router(config.Router, static () => new PrefixIndex(), new Random(config.Seed));
        _engines = new ISimulatedEngine[config.NumWorkers];
        _steps = new SimulatedStep?[config.NumWorkers];
        _busy = new double[config.NumWorkers];
        int longest = trace.Max(static request => request.InputLength + request.OutputLength);
        int most = (longest + config.Machine.BlockSize - 1) / config.Machine.BlockSize;
        if (most > config.Machine.NumBlocks)
        {
            throw new SimulationException($"The longest request has {longest} tokens, {most} blocks; a worker has {config.Machine.NumBlocks}.");
        }

        _prompt = new PromptTokens(longest, config.Machine.BlockSize);
        for (int worker = 0; worker < config.NumWorkers; worker++)
        {
            _engines[worker] = config.EngineModel == EngineModel.Own
                ? new OwnEngine(config, _prompt, longest, worker, this)
                : new PeerEngine(config.Machine, config.Timing, worker, this);
            _router.SetWorker(IdOf(worker), WorkerState.Ready, new WorkerLimits(config.Machine.NumBlocks, config.Machine.MaxBatchedTokens), 0);
        }

        _requests = new SimulatedRequest[trace.Count];
        for (int i = 0; i < trace.Count; i++)
        {
            _requests[i] = new SimulatedRequest(i, trace[i], config.Concurrency is null ? trace[i].ArrivalMilliseconds / config.Speed : double.NaN);
        }

        if (config.Concurrency is null)
        {
            Array.Sort(_requests, static (a, b) => (a.Arrival, a.Index).CompareTo((b.Arrival, b.Index)));
        }
    }

    /// <summary>Simulates.</summary>
    /// <param name="trace">The requests.</param>
    /// <param name="config">Everything else.</param>
    /// <exception cref="SimulationException">A request fits no worker, or the router refuses one.</exception>
    public static SimulationResult Run(IReadOnlyList<TraceRequest> trace, SimulationConfig config) => new Simulator(trace, config).Run();

    void IBlockListener.OnStored(int worker, ulong? parent, ReadOnlySpan<ulong> blocks) => _router.Stored(IdOf(worker), parent, blocks);

    void IBlockListener.OnRemoved(int worker, ReadOnlySpan<ulong> blocks) => _router.Removed(IdOf(worker), blocks);

    private SimulationResult Run()
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Math.Min(_config.Concurrency ?? 0, _requests.Length); i++)
        {
            Arrive();
        }

        BeginSteps();
        while (_numFinished < _requests.Length)
        {
            double arrival = _config.Concurrency is null && _next < _requests.Length ? _requests[_next].Arrival : double.PositiveInfinity;
            double end = _ends.TryPeek(out _, out (double Moment, int Worker) earliest) ? earliest.Moment : double.PositiveInfinity;
            _now = Math.Min(arrival, end);
            if (double.IsInfinity(_now))
            {
                throw new SimulationException($"{_requests.Length - _numFinished} requests can never go on: {_router.NumHeld} are held and no worker is busy.");
            }

            EndSteps();
            while (_config.Concurrency is null && _next < _requests.Length && _requests[_next].Arrival <= _now)
            {
                Arrive();
            }

            if (_router.NumHeld > 0 && _now - _tickedAt >= TickMilliseconds)
            {
                _tickedAt = _now;
                _router.Tick(_now);
            }

            TakeReleased();
            BeginSteps();
        }

        return new SimulationResult
        {
            Requests = _requests,
            Gaps = _gaps,
            DurationMilliseconds = _now,
            BusyMilliseconds = _busy,
            NumHeld = _numHeld,
            HeldMilliseconds = _heldMilliseconds,
            WallTime = Stopwatch.GetElapsedTime(start),
        };
    }

    private void Arrive()
    {
        SimulatedRequest request = _requests[_next++];
        request.Arrival = _config.Concurrency is null ? request.Arrival : _now;
        request.Keys = PromptBlocks.KeysOf(request.Trace, request.Index, _config.Machine.BlockSize, _config.TraceBlockSize);
        if (_config.EngineModel == EngineModel.Own)
        {
            _prompt.Fill(request.Keys, request.Index, request.Trace.InputLength);
            request.Keys = _prompt.BlockKeys();
        }

        _underWay.Add(IdOf(request), request);
        Take(_router.Route(
            new RouteQuery { Request = IdOf(request), Blocks = request.Keys, NumTokens = request.Trace.InputLength },
            _now));
    }

    private void EndSteps()
    {
        int finished = 0;
        while (_ends.TryPeek(out int worker, out (double Moment, int Worker) end) && end.Moment <= _now)
        {
            _ends.Dequeue();
            SimulatedStep step = _steps[worker]!.Value;
            _steps[worker] = null;
            _idle.Enqueue(worker);
            _busy[worker] += step.Milliseconds;
            _emitted.Clear();
            _engines[worker].End(_emitted);
            _router.ReportLoad(
                IdOf(worker),
                new StepSample(step.NumPrefillTokens, step.NumDecodeSequences, step.Milliseconds, step.NumActiveBlocks, _config.Machine.NumBlocks));
            foreach (SimulatedRequest request in _emitted)
            {
                finished += Emit(request) ? 1 : 0;
            }
        }

        _numFinished += finished;
        for (; _config.Concurrency is not null && finished > 0 && _next < _requests.Length; finished--)
        {
            Arrive();
        }
    }

    private bool Emit(SimulatedRequest request)
    {
        if (request.Take(_now) is { } gap)
        {
            _gaps.Add((float)gap);
        }
        else
        {
            _router.FirstToken(IdOf(request), _now);
        }

        if (!request.IsFinished)
        {
            return false;
        }

        _router.Ended(IdOf(request), _now);
        _underWay.Remove(IdOf(request));
        request.Keys = [];
        return true;
    }

    private void BeginSteps()
    {
        while (_idle.TryDequeue(out int worker))
        {
            Begin(worker);
        }
    }

    private void Begin(int worker)
    {
        if (_steps[worker] is null && _engines[worker].HasWork)
        {
            SimulatedStep step = _engines[worker].Begin(_now);
            _steps[worker] = step;
            _ends.Enqueue(worker, (_now + step.Milliseconds, worker));
        }
    }

    private void TakeReleased()
    {
        while (_router.TryTakeReleased(out RoutingDecision? decision))
        {
            Take(decision);
        }
    }

    private void Take(RoutingDecision decision)
    {
        if (decision.Status == RoutingStatus.Held)
        {
            _numHeld++;
            return;
        }

        SimulatedRequest request = _underWay[decision.Request];
        if (decision.Status != RoutingStatus.Routed)
        {
            throw new SimulationException($"The router refuses request {request.Index}: {decision.Reason}.");
        }

        _heldMilliseconds += decision.HeldMilliseconds;
        request.Worker = (int)decision.Worker!.Value.Value - 1;
        _engines[request.Worker].Submit(request);
        _idle.Enqueue(request.Worker);
    }

    private static WorkerId IdOf(int worker) => new((ulong)worker + 1);

    private static RequestId IdOf(SimulatedRequest request) => new(new Guid(request.Index, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]));
}
