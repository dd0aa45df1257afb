using System.Diagnostics;
using Dynamo.Simulation.Configuration;
using Dynamo.Simulation.Serving;
using Dynamo.Simulation.Traces;

namespace Dynamo.Simulation;

/// <summary>
/// A trace, routers and workers in virtual time. At any moment news are heard first, then steps and transfers end, then requests arrive, then
/// new steps begin, so that whatever is there when a step begins is in it. Deterministic: equal configurations and traces give equal results.
/// </summary>
public sealed class Simulator
{
    // A prompt's tokens are kept as an array.
    private const int MaxTokens = 1 << 24;

    private readonly Arrivals _arrivals;
    private readonly SimulationConfig _config;
    private readonly PromptTokens _prompt;
    private readonly IServing _serving;
    private readonly List<float> _gaps = [];
    private int _numOver;
    private int _numFollowing;
    private double _now;

    private Simulator(IReadOnlyList<TraceRequest> trace, SimulationConfig config)
    {
        _config = config;
        int longest = LongestOf(trace, config.Machine);

        if (config.WorkerSpeeds.Count is not 0 and int count && count != config.NumWorkers)
        {
            throw new SimulationException($"There are {count} speeds of {config.NumWorkers} workers.");
        }

        if (config.Disaggregation is { NumPrefillWorkers: int prefill } && (prefill < 1 || prefill >= config.NumWorkers))
        {
            throw new SimulationException($"Of {config.NumWorkers} workers {prefill} prefill; at least one must prefill and one decode.");
        }

        _arrivals = new Arrivals(trace, config);
        _prompt = new PromptTokens(longest, config.Machine.BlockSize);
        PoolParts parts = new(_prompt, longest);
        _serving = config.Disaggregation is { } disaggregation ? new Disaggregated(config, disaggregation, parts) : new Aggregated(config, parts);
    }

    /// <summary>Simulates.</summary>
    /// <param name="trace">The requests.</param>
    /// <param name="config">Everything else.</param>
    /// <exception cref="SimulationException">A request fits no worker, a router refuses one, or what is said of workers is not of so many.</exception>
    public static SimulationResult Run(IReadOnlyList<TraceRequest> trace, SimulationConfig config) => new Simulator(trace, config).Run();

    private static int LongestOf(IReadOnlyList<TraceRequest> trace, MachineConfig machine)
    {
        TraceRequest longest = trace.MaxBy(static request => (long)request.InputLength + request.OutputLength)!;
        long numTokens = (long)longest.InputLength + longest.OutputLength;
        long numBlocks = (numTokens + machine.BlockSize - 1) / machine.BlockSize;
        string which = $"The longest request, {longest.InputLength} tokens in and {longest.OutputLength} out at {longest.ArrivalMilliseconds:F0} ms,";
        return numTokens > MaxTokens ? throw new SimulationException($"{which} is longer than the {MaxTokens} tokens that can be simulated.")
            : numBlocks > machine.NumBlocks ? throw new SimulationException($"{which} needs {numBlocks} blocks of {machine.BlockSize} tokens; a worker has {machine.NumBlocks}. Give workers more or larger ones.")
            : (int)numTokens;
    }

    private SimulationResult Run()
    {
        long start = Stopwatch.GetTimestamp();
        _numFollowing = _arrivals.NumAtStart;
        ArriveFollowing();
        BeginSteps();
        while (_numOver < _arrivals.All.Count)
        {
            _now = NextMoment();
            Advance();
        }

        double duration = _now;
        Settle();
        return new SimulationResult
        {
            Requests = _arrivals.All,
            Gaps = _gaps,
            DurationMilliseconds = duration,
            BusyMilliseconds = [.. _serving.Pools.SelectMany(static pool => pool.BusyMilliseconds)],
            NumHeld = _serving.Pools.Sum(static pool => pool.NumHeld),
            HeldMilliseconds = _serving.Pools.Sum(static pool => pool.HeldMilliseconds),
            NumBookedAtEnd = _serving.Pools.Sum(static pool => pool.NumBooked + pool.NumHeldNow),
            NumUsedBlocksAtEnd = _serving.Pools.Sum(static pool => pool.NumUsedBlocks),
            WallTime = Stopwatch.GetElapsedTime(start),
        };
    }

    private double NextMoment()
    {
        double next = Math.Min(_arrivals.NextMoment, _serving.NextMoment);
        foreach (WorkerPool pool in _serving.Pools)
        {
            next = Math.Min(next, pool.NextMoment);
        }

        return double.IsFinite(next)
            ? next
            : throw new SimulationException(
                $"{_arrivals.All.Count - _numOver} requests can never go on: {_serving.Pools.Sum(static pool => pool.NumHeldNow)} are held and no worker is busy.");
    }

    private void Advance()
    {
        foreach (WorkerPool pool in _serving.Pools)
        {
            pool.Deliver(_now);
        }

        foreach (WorkerPool pool in _serving.Pools)
        {
            pool.EndSteps(_now, OnToken);
        }

        _serving.Advance(_now);
        ArriveFollowing();
        while (_arrivals.TryTake(_now) is { } request)
        {
            Arrive(request);
        }

        foreach (WorkerPool pool in _serving.Pools)
        {
            pool.Tick(_now);
        }

        BeginSteps();
    }

    // A transfer that takes no time frees a worker of another pool at the same moment.
    private void BeginSteps()
    {
        do
        {
            foreach (WorkerPool pool in _serving.Pools)
            {
                pool.BeginSteps(_now);
            }
        }
        while (_serving.Pools.Any(static pool => pool.IsAwake));
    }

    // News that are under way when the last token comes still are heard.
    private void Settle()
    {
        for (double next = NextNews(); double.IsFinite(next); next = NextNews())
        {
            _now = next;
            Advance();
        }

        double NextNews() => _serving.Pools.Min(static pool => pool.NextMoment);
    }

    private void ArriveFollowing()
    {
        for (; _numFollowing > 0 && _arrivals.TryFollow(_now) is { } request; _numFollowing--)
        {
            Arrive(request);
        }

        _numFollowing = 0;
    }

    private void Arrive(SimulatedRequest request)
    {
        request.Keys = PromptBlocks.KeysOf(request.Trace, request.Index, _config.Machine.BlockSize, _config.TraceBlockSize);
        if (_config.EngineModel == EngineModel.Own)
        {
            _prompt.Fill(request.Keys, request.Index, request.Trace.InputLength);
            request.Keys = _prompt.BlockKeys();
        }

        _serving.Arrive(request, _now);
    }

    private void OnToken(SimulatedRequest request)
    {
        if (request.Take(_now) is { } gap)
        {
            _gaps.Add((float)gap);
        }

        if (request.IsFinished || request.HasLeft)
        {
            _numOver++;
            _numFollowing++;
        }
    }
}
