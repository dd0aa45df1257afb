using Dynamo.Abstractions.Models;

namespace Dynamo.Abstractions.Routing;

/// <summary>Decides for one model (key: its name) which instance gets a sequence. Its state is soft: a lost router asks again.</summary>
[Alias("dynamo.IRouterGrain")]
public interface IRouterGrain : IGrainWithStringKey
{
    /// <summary>Takes the deployment's newest view; older ones are ignored.</summary>
    [Alias("Update")]
    Task UpdateAsync(ModelView view);

    /// <summary>Decides. Never waits for a worker.</summary>
    [Alias("Route")]
    Task<RouteDecision> RouteAsync(RouteRequest request);
}
