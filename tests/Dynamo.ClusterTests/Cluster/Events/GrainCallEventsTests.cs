using Dynamo.Abstractions.Routing;
using Dynamo.Cluster.Events;
using Dynamo.Cluster.Placement;
using Dynamo.Cluster.Routing;
using Dynamo.ClusterTests.Support;
using Dynamo.Protocol.KV;
using Dynamo.Worker.Engines;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Core.Internal;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Events;

/// <summary>KV events in a cluster without NATS.</summary>
public sealed class GrainCallEventsTests
{
    private static readonly SiloRoles[] TwoWorkers = [SiloRoles.Frontend, SiloRoles.Worker, SiloRoles.Worker];

    [Fact]
    public async Task RequestsServed_RouterKnowsWhatEveryWorkerHolds()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync(TwoWorkers);
        await cluster.UntilExactAsync();

        // More than the 64 blocks of a pool, so some are evicted.
        await cluster.RunAsync(0, 40);

        Assert.InRange(await cluster.UntilExactAsync(), 2 * 32, 2 * 64);
        Assert.Equal(0, cluster.Frontends.Single().GetRequiredService<RouterInstruments>().Of(DynamoCluster.Model)!.NumUnreadable);
    }

    [Fact]
    public async Task WorkerKilled_IsForgottenAndTheOtherIsNot()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync(TwoWorkers);
        await cluster.RunAsync(0, 10);
        await cluster.UntilExactAsync();

        await cluster.KillAsync(cluster.Engines.First());

        await cluster.UntilExactAsync();
    }

    [Fact]
    public async Task RouterBeginsLate_LearnsAllFromTheWorkers()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync(TwoWorkers);
        await cluster.RunAsync(0, 40);
        long numBlocks = await cluster.UntilExactAsync();
        RouterInstruments routers = cluster.Frontends.Single().GetRequiredService<RouterInstruments>();
        EventCounts before = routers.Of(DynamoCluster.Model)!;
        IRouterGrain router = cluster.Grains.GetGrain<IRouterGrain>(DynamoCluster.Model);
        await router.Cast<IGrainManagementExtension>().DeactivateOnIdle();
        await cluster.UntilAsync(() => routers.Of(DynamoCluster.Model) is { } counts && counts != before, "another activation");

        Assert.Equal(numBlocks, await cluster.UntilExactAsync());
    }

    [Fact]
    public async Task Instance_AskedForWhatIsOver_SaysSo()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([SiloRoles.Frontend | SiloRoles.Worker]);
        EngineHost engine = cluster.Engines.Single();
        await cluster.RunAsync(0, 2);

        EventBatch all = engine.ReadEvents(engine.RunningGeneration, 1)!;
        Assert.Equal(all.Load!.LastKVEvent, all.Events[^1].Number);
        Assert.Null(engine.ReadEvents(engine.RunningGeneration + 1, 1));
        Assert.Null(await engine.ListBlocksAsync(engine.RunningGeneration + 1, 0));
    }
}
