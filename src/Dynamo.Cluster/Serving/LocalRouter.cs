using System.Collections.Concurrent;
using Dynamo.Abstractions.Models;
using Dynamo.Abstractions.Routing;
using Dynamo.Cluster.Routing;

namespace Dynamo.Cluster.Serving;

/// <summary>Routes by this frontend's last view of each model, for when the router's grain does not answer in time. Thread-safe.</summary>
internal sealed class LocalRouter
{
    private readonly ConcurrentDictionary<string, RouterState> _models = new(StringComparer.Ordinal);

    /// <summary>Takes a view.</summary>
    public void Update(ModelView view)
    {
        RouterState state = _models.GetOrAdd(view.Model, static _ => new RouterState());
        lock (state)
        {
            state.Update(view);
        }
    }

    /// <summary>Decides, or <see langword="null"/> when nothing is known of the model.</summary>
    public RouteDecision? Route(string model, RouteRequest request)
    {
        if (!_models.TryGetValue(model, out RouterState? state))
        {
            return null;
        }

        lock (state)
        {
            return state.Route(request);
        }
    }
}
