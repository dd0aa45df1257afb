using System.Diagnostics;
using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Models;
using Dynamo.Abstractions.Routing;
using Dynamo.Abstractions.Serving;
using Dynamo.Cluster.Events;
using Dynamo.Cluster.Placement;
using Dynamo.Cluster.Telemetry;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;
using Dynamo.Routing.Configuration;

namespace Dynamo.Cluster.Routing;

/// <summary>Holds a <see cref="ModelRouter"/> and listens to the model's workers; a new activation asks the model's grain for what it must know.</summary>
[OnFrontendPlacement, KeepAlive, Immovable]
internal sealed partial class RouterGrain : Grain, IRouterGrain
{
    private static readonly ActivitySource Source = new(RouterInstruments.MeterName);
    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan HoldingInterval = TimeSpan.FromMilliseconds(250);

    private readonly ModelRouter _router;
    private readonly EventCounts _counts = new();
    private readonly RouterInstruments _instruments;
    private readonly RouterEvents _events;
    private readonly ILogger<RouterEvents> _logger;
    private IGrainTimer? _timer;
    private TimeSpan _interval = TickInterval;
    private bool _hasWarnedOfSizes;

    public RouterGrain(IServiceProvider services, RouterOptions options, RouterInstruments instruments, Random random, TimeProvider time, ILogger<RouterEvents> logger)
    {
        string model = Model;
        (_instruments, _logger) = (instruments, logger);
        _router = new ModelRouter(options, random, time, outcome => instruments.OnDecided(model, outcome));
        _events = new RouterEvents(model, _router, SourceOf, services.GetService<NatsFeed>(), _counts, time, logger);
    }

    private string Model => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _instruments.Add(Model, _counts);
        _events.Start();
        _timer = this.RegisterGrainTimer(Tick, new GrainTimerCreationOptions(TickInterval, TickInterval) { Interleave = true, KeepAlive = true });
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _instruments.Remove(Model, _counts);
        await _events.DisposeAsync();
    }

    public Task UpdateAsync(ModelView view)
    {
        Update(view);
        return Task.CompletedTask;
    }

    public async Task<RouteDecision> RouteAsync(RouteRequest request)
    {
        await LearnAsync();
        using Activity? span = Source.StartBelow("decide", request.TraceParent);
        try
        {
            RouteDecision decision = _router.Route(request);
            Pace();
            span?.SetTag("dynamo.route.status", decision.Status.ToString()).SetTag("dynamo.route.reason", decision.Reason);
            return decision;
        }
        catch (Exception e)
        {
            BeginAnew(e);
            return new RouteDecision { Status = RouteStatus.Unavailable, NumWorkers = 0, Reason = "the router has failed and begins anew" };
        }
    }

    public Task<RouteDecision?> WaitAsync(RequestId request, CancellationToken cancellationToken) => _router.WaitAsync(request, cancellationToken);

    public Task NotifyAsync(SequenceEvent[] events)
    {
        _router.Notify(events);
        return Task.CompletedTask;
    }

    public Task<string> ExplainAsync(string? request, int limit) => Task.FromResult(_router.Explain(request, limit));

    public Task PublishEventsAsync(WireMessage batch)
    {
        _events.Accept(batch.Bytes);
        return Task.CompletedTask;
    }

    public async Task<BusyLimits> GetBusyLimitsAsync()
    {
        await LearnAsync();
        return _router.Busy;
    }

    public Task<WorkerCacheView[]> GetCachesAsync() => Task.FromResult<WorkerCacheView[]>([.. _events.Streams.Select(stream => new WorkerCacheView
    {
        Worker = stream.Worker,
        NumBlocks = _router.NumBlocks(stream.Worker),
        LastEvent = stream.Last,
        IsCurrent = stream.IsCurrent,
        NumRunning = stream.Load?.NumRunning,
        NumWaiting = stream.Load?.NumWaiting,
        NumUsedBlocks = stream.Load?.NumUsedBlocks,
    })]);

    // A new router asks for the view that the old router had.
    private async ValueTask LearnAsync()
    {
        if (!_router.HasView)
        {
            Update(await GrainFactory.GetGrain<IModelGrain>(Model).GetViewAsync());
        }
    }

    private void Update(ModelView view)
    {
        try
        {
            if (_router.Update(view))
            {
                _events.Update(view.Instances);
                WarnOfOtherSizes();
            }
        }
        catch (Exception e)
        {
            BeginAnew(e);
        }

        if (_router.IsOutlived)
        {
            DeactivateOnIdle();
        }
    }

    // What it knows may be wrong from now on. A new one learns it from the workers; until then frontends choose.
    private void BeginAnew(Exception fault)
    {
        LogFailed(fault, Model);
        DeactivateOnIdle();
    }

    private void WarnOfOtherSizes()
    {
        string others = string.Join(", ", _router.OtherBlockSizes);
        if (others.Length > 0 && !_hasWarnedOfSizes)
        {
            LogOtherSizes(Model, _router.BlockSize, others);
        }

        _hasWarnedOfSizes = others.Length > 0;
    }

    private Task Tick(CancellationToken cancellationToken)
    {
        _router.Tick();
        _instruments.Show(_router.Status(Model));
        Pace();
        return Task.CompletedTask;
    }

    // Requests that are held wait for a time to pass.
    private void Pace()
    {
        TimeSpan interval = _router.NumHeld > 0 ? HoldingInterval : TickInterval;
        if (interval != _interval)
        {
            _interval = interval;
            _timer?.Change(interval, interval);
        }
    }

    private InstanceEventSource SourceOf(InstanceKey instance) => new(GrainFactory.GetGrain<IModelInstanceGrain>(instance.ToString()));

    [LoggerMessage(LogLevel.Error, "The router of model {Model} has failed and begins anew.")]
    private partial void LogFailed(Exception exception, string model);

    [LoggerMessage(LogLevel.Warning, "Workers of model {Model} have KV blocks of {Size} and of {Others} tokens. What those with other than {Size} hold is not routed by: start all with the same --block-size.")]
    private partial void LogOtherSizes(string model, int size, string others);
}
