using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Models;
using Dynamo.Abstractions.Routing;
using Dynamo.Abstractions.Serving;
using Dynamo.Cluster.Events.Listening;
using Dynamo.Cluster.Placement;

namespace Dynamo.Cluster.Routing;

/// <summary>Holds a <see cref="RouterState"/> and listens to the model's workers; a new activation asks the model's grain for what it must know.</summary>
[OnFrontendPlacement, KeepAlive, Immovable]
internal sealed class RouterGrain : Grain, IRouterGrain
{
    private readonly RouterState _state = new();
    private readonly HeldBlocks _held = new();
    private readonly EventCounts _counts = new();
    private readonly RouterEventBoard _board;
    private readonly RouterEvents _events;

    public RouterGrain(IServiceProvider services, RouterEventBoard board, TimeProvider time, ILogger<RouterEvents> logger)
    {
        _board = board;
        _events = new RouterEvents(Model, _held, SourceOf, services.GetService<NatsFeed>(), _counts, time, logger);
    }

    private string Model => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _board.Add(Model, _counts);
        _events.Start();
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _board.Remove(Model, _counts);
        await _events.DisposeAsync();
    }

    public Task UpdateAsync(ModelView view)
    {
        Take(view);
        return Task.CompletedTask;
    }

    public async Task<RouteDecision> RouteAsync(RouteRequest request)
    {
        if (!_state.HasView)
        {
            Take(await GrainFactory.GetGrain<IModelGrain>(Model).GetViewAsync());
        }

        return _state.Route(request);
    }

    public Task TakeEventsAsync(WireMessage batch)
    {
        _events.Take(batch.Bytes);
        return Task.CompletedTask;
    }

    public Task<WorkerCacheView[]> GetCachesAsync() => Task.FromResult<WorkerCacheView[]>([.. _events.Streams.Select(stream => new WorkerCacheView
    {
        Worker = stream.Worker,
        NumBlocks = _held.NumBlocks(stream.Worker),
        LastEvent = stream.Last,
        IsCurrent = stream.IsCurrent,
    })]);

    private void Take(ModelView view)
    {
        if (_state.Update(view))
        {
            _events.Update(view.Instances);
        }
    }

    private InstanceEventSource SourceOf(InstanceKey instance) => new(GrainFactory.GetGrain<IModelInstanceGrain>(instance.ToString()));
}
