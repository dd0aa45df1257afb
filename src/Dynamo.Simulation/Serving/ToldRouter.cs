using System.Diagnostics.CodeAnalysis;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;
using Dynamo.Routing;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Filters;
using Dynamo.Routing.Prefixes;
using Dynamo.Routing.Workers;
using Dynamo.Simulation.Configuration;
using Dynamo.Simulation.Machines;

namespace Dynamo.Simulation.Serving;

/// <summary>A router, and the ways by which it hears of what workers do: at once, or as late as the configuration says.</summary>
internal sealed class ToldRouter : IBlockListener
{
    private const double TickMilliseconds = 100;

    private readonly Router _router;
    private readonly News _reports;
    private readonly News _events;
    private double _tickedAt;

    public ToldRouter(RouterOptions options, SimulationConfig config, Random random)
    {
        _router = new Router(options, static () => new PrefixIndex(), random);
        _reports = new News(config.ReportDelayMilliseconds);
        _events = new News(config.EventDelayMilliseconds);
    }

    /// <summary>When blocks change that a worker tells of.</summary>
    public double Now { get; set; }

    /// <summary>Requests that it holds.</summary>
    public int NumHeld => _router.NumHeld;

    /// <summary>Requests that it has at workers.</summary>
    public int NumBooked => _router.NumBooked;

    /// <summary>When it hears the next news; infinite if none are under way.</summary>
    public double NextMoment => Math.Min(_reports.NextMoment, _events.NextMoment);

    public static WorkerId IdOf(int worker) => new((ulong)worker + 1);

    public void AddWorker(WorkerId worker, WorkerLimits limits) => _router.SetWorker(worker, WorkerState.Ready, limits, 0);

    /// <summary>Decides, and books or holds the request.</summary>
    public ExplainedDecision Route(SimulatedRequest request, double now) =>
        _router.Route(new RouteRequest { Request = request.Id, Blocks = request.Keys, NumTokens = request.Trace.InputLength }, now);

    /// <summary>Undoes the decision about a request at once.</summary>
    public void TakeBack(RequestId request, double now) => _router.Ended(request, now);

    /// <summary>See <see cref="Router.TryTakeReleased"/>.</summary>
    public bool TryTakeReleased([NotNullWhen(true)] out ExplainedDecision? decision) => _router.TryTakeReleased(out decision);

    /// <summary>Lets it look at what it holds, from time to time.</summary>
    public void Tick(double now)
    {
        if (_router.NumHeld > 0 && now - _tickedAt >= TickMilliseconds)
        {
            _tickedAt = now;
            _router.Tick(now);
        }
    }

    /// <summary>Lets it hear what has come by now.</summary>
    public void Deliver(double now)
    {
        _reports.Deliver(now);
        _events.Deliver(now);
    }

    public void TellStep(WorkerId worker, StepSample step, double now)
    {
        if (_reports.IsLate)
        {
            _reports.Send(now, moment => _router.ReportLoad(worker, step, moment));
            return;
        }

        _router.ReportLoad(worker, step, now);
    }

    public void TellFirstToken(RequestId request, double now)
    {
        if (_reports.IsLate)
        {
            _reports.Send(now, moment => _router.FirstToken(request, moment));
            return;
        }

        _router.FirstToken(request, now);
    }

    public void TellEnded(RequestId request, double now)
    {
        if (_reports.IsLate)
        {
            _reports.Send(now, moment => _router.Ended(request, moment));
            return;
        }

        _router.Ended(request, now);
    }

    void IBlockListener.OnStored(int worker, BlockKey? parent, ReadOnlySpan<BlockKey> blocks)
    {
        if (_events.IsLate)
        {
            BlockKey[] copy = blocks.ToArray();
            _events.Send(Now, _ => _router.Stored(IdOf(worker), parent, copy));
            return;
        }

        _router.Stored(IdOf(worker), parent, blocks);
    }

    void IBlockListener.OnRemoved(int worker, ReadOnlySpan<BlockKey> blocks)
    {
        if (_events.IsLate)
        {
            BlockKey[] copy = blocks.ToArray();
            _events.Send(Now, _ => _router.Removed(IdOf(worker), copy));
            return;
        }

        _router.Removed(IdOf(worker), blocks);
    }
}
