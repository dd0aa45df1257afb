using Dynamo.Abstractions.Models;
using Dynamo.Cluster.Placement;

namespace Dynamo.Cluster.Deployments;

/// <summary>The names of all models. In memory: every deployment adds itself again each second.</summary>
[OnFrontendPlacement, KeepAlive, Immovable]
internal sealed class ModelRegistryGrain : Grain, IModelRegistryGrain
{
    private readonly SortedSet<string> _models = new(StringComparer.Ordinal);

    public Task AddAsync(string model)
    {
        _models.Add(model);
        return Task.CompletedTask;
    }

    public Task<string[]> ListAsync() => Task.FromResult(_models.ToArray());
}
