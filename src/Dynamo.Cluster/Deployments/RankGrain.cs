using Dynamo.Abstractions.Instances;
using Dynamo.Cluster.Placement;
using Dynamo.Cluster.Workers;

namespace Dynamo.Cluster.Deployments;

/// <summary>Passes on to the engine host of its silo.</summary>
[OnSiloInKeyPlacement, KeepAlive, Immovable]
internal sealed class RankGrain(EngineHost host) : Grain, IRankGrain
{
    public Task LoadAsync(RankSpec spec)
    {
        host.Load(spec);
        return Task.CompletedTask;
    }

    public Task<RankReport> ReportAsync() => Task.FromResult(host.Report());

    public Task StopAsync(long generation)
    {
        // Not awaited: a step may be running, and no grain call waits for the engine.
        _ = host.StopAsync(generation);
        return Task.CompletedTask;
    }
}
