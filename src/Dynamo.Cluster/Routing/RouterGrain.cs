using Dynamo.Abstractions.Models;
using Dynamo.Abstractions.Routing;
using Dynamo.Cluster.Placement;

namespace Dynamo.Cluster.Routing;

/// <summary>Holds a <see cref="RouterState"/>; a new activation asks the model's grain for what it must know.</summary>
[OnFrontendPlacement, KeepAlive, Immovable]
internal sealed class RouterGrain : Grain, IRouterGrain
{
    private readonly RouterState _state = new();

    public Task UpdateAsync(ModelView view)
    {
        _state.Update(view);
        return Task.CompletedTask;
    }

    public async Task<RouteDecision> RouteAsync(RouteRequest request)
    {
        if (!_state.HasView)
        {
            _state.Update(await GrainFactory.GetGrain<IModelGrain>(this.GetPrimaryKeyString()).GetViewAsync());
        }

        return _state.Route(request);
    }
}
