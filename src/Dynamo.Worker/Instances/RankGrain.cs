using Dynamo.Abstractions.Instances;
using Dynamo.Cluster.Placement;
using Dynamo.Worker.Engines;

namespace Dynamo.Worker.Instances;

/// <summary>Passes on to the engine host of its GPU.</summary>
[OnSiloInKeyPlacement, KeepAlive, Immovable]
internal sealed class RankGrain(EngineHosts hosts) : Grain, IRankGrain
{
    private EngineHost Host => hosts.Of(RankKey.Parse(this.GetPrimaryKeyString()).Gpu);

    public Task LoadAsync(RankSpec spec)
    {
        Host.Load(spec);
        return Task.CompletedTask;
    }

    public Task<RankReport> ReportAsync() => Task.FromResult(Host.Report());

    public Task StopAsync(long generation)
    {
        // Not awaited: a step may be running, and no grain call waits for the engine.
        _ = Host.StopAsync(generation);
        return Task.CompletedTask;
    }
}
