using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Models;
using Dynamo.Abstractions.Routing;
using Dynamo.Cluster.Events;
using Dynamo.Cluster.Placement;
using Dynamo.Cluster.Routing;
using Dynamo.ClusterTests.Support;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;
using Dynamo.Routing.Configuration;
using Dynamo.Serving.Admin;
using Dynamo.Serving.Streams;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Routing;

/// <summary>Real engines behind a real router: what was computed once is found again.</summary>
public sealed class PrefixRoutingTests
{
    private static readonly SiloRoles[] ThreeWorkers = [SiloRoles.Frontend, SiloRoles.Worker, SiloRoles.Worker, SiloRoles.Worker];

    [Fact]
    public async Task SamePrefix_GoesToTheWorkerThatHasIt_AndIsFoundThere()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync(ThreeWorkers);
        (RouteInfo first, int numCachedFirst) = await RunAsync(cluster, Spec(1));
        await KnownAsync(cluster, first.Worker, numBlocks: 4);

        for (int i = 0; i < 5; i++)
        {
            (RouteInfo next, int numCached) = await RunAsync(cluster, Spec(1));
            Assert.Equal((first.Worker, 32, 32), (next.Worker, next.NumOverlapTokens, numCached));
        }

        Assert.Equal((0, 0), (first.NumOverlapTokens, numCachedFirst));
    }

    [Fact]
    public async Task CachesReset_NobodyHasThePrefix_AndTheRouterKnows()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync(ThreeWorkers);
        IClusterAdmin admin = cluster.Frontends.Single().GetRequiredService<IClusterAdmin>();
        WorkerId[] workers = [.. admin.Workers.Select(static worker => new WorkerId(Convert.ToUInt64(worker.Id, 16)))];
        foreach (WorkerId worker in workers)
        {
            await RunAsync(cluster, Spec(1) with { Pinned = worker });
            await KnownAsync(cluster, worker, numBlocks: 4);
        }

        await admin.ResetPrefixCachesAsync("another");
        Assert.Equal(32, (await RunAsync(cluster, Spec(1) with { Pinned = workers[0] })).NumCachedTokens);
        await admin.ResetPrefixCachesAsync(null);

        foreach (WorkerId worker in workers)
        {
            await KnownAsync(cluster, worker, numBlocks: 0);
        }

        (RouteInfo next, int numCached) = await RunAsync(cluster, Spec(1));
        Assert.Equal((0, 0), (next.NumOverlapTokens, numCached));
    }

    [Fact]
    public async Task AnotherTenant_SharesNothing()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync(ThreeWorkers);
        (RouteInfo first, _) = await RunAsync(cluster, Spec(1));
        await KnownAsync(cluster, first.Worker, numBlocks: 4);

        (RouteInfo other, int numCached) = await RunAsync(cluster, Spec(1) with { CacheSalt = "other" });

        Assert.Equal((0, 0), (other.NumOverlapTokens, numCached));
    }

    [Fact]
    public async Task PinnedRequest_GoesWhereItSays()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync(ThreeWorkers);
        foreach (WorkerInfo worker in cluster.Frontends.Single().GetRequiredService<IClusterAdmin>().Workers)
        {
            WorkerId id = new(Convert.ToUInt64(worker.Id, 16));
            Assert.Equal(id, (await RunAsync(cluster, Spec(1) with { Pinned = id })).Route.Worker);
        }
    }

    [Fact]
    public async Task RouterThatFails_BeginsAnew_AndLearnsWhatWorkersHold()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync(ThreeWorkers);
        (RouteInfo first, _) = await RunAsync(cluster, Spec(1));
        await KnownAsync(cluster, first.Worker, numBlocks: 4);
        IRouterGrain router = cluster.Grains.GetGrain<IRouterGrain>(DynamoCluster.Model);

        // No caller of ours asks so.
        RouteDecision decision = await router.RouteAsync(new RouteRequest { Request = RequestId.New(), NumTokens = 8, Excluded = null! });

        Assert.Equal(RouteStatus.Unavailable, decision.Status);
        await cluster.UntilAsync(async () => await router.ExplainAsync(null, 10) == "[]", "a router that has decided nothing");
        await KnownAsync(cluster, first.Worker, numBlocks: 4);
        (RouteInfo next, _) = await RunAsync(cluster, Spec(1));
        Assert.Equal((first.Worker, 32), (next.Worker, next.NumOverlapTokens));
    }

    [Fact]
    public async Task DirectMode_RefusesARequestThatNamesNoWorker()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync(
            [SiloRoles.Frontend, SiloRoles.Worker], more: static silo => silo.Services.AddSingleton(new RouterOptions { BlockSize = 1, Mode = RouterMode.Direct }));
        await cluster.UntilAsync(
            async () => (await cluster.Grains.GetGrain<IRouterGrain>(DynamoCluster.Model).GetCachesAsync()).Length == 1, "the router to know the worker");

        RequestRefusedException refused = await Assert.ThrowsAsync<RequestRefusedException>(() => RunAsync(cluster, Spec(1)));

        Assert.Contains("names no worker", refused.Message);
    }

    [Fact]
    public async Task BusyLimits_SetByAnyFrontend_HoldForAllUntilTheyAreTakenBack()
    {
        StepGate gate = new();
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([SiloRoles.Frontend, SiloRoles.Frontend, SiloRoles.Worker], gate: gate);
        IClusterAdmin[] admins = [.. cluster.Frontends.Select(static frontend => frontend.GetRequiredService<IClusterAdmin>())];
        await cluster.UntilAsync(() => admins.All(static admin => admin.Workers.Any(static worker => worker.State == "ready")), "both frontends to know the worker");
        Assert.False(await admins[0].SetBusyLimitsAsync("other", new BusyLimits()));
        Assert.True(await admins[0].SetBusyLimitsAsync(DynamoCluster.Model, new BusyLimits { ActivePrefillTokens = 0 }));
        Assert.True(await admins[1].SetBusyLimitsAsync(DynamoCluster.Model, new BusyLimits { ActiveDecodeBlocks = 0.5 }));
        await using ISequenceStream running = await cluster.Generator.StartAsync(DynamoCluster.Model, Spec(1), CancellationToken.None);

        Assert.Equal(
            [(DynamoCluster.Model, new BusyLimits { ActivePrefillTokens = 0, ActiveDecodeBlocks = 0.5 })], await admins[1].GetBusyLimitsAsync(model: null));
        await Assert.ThrowsAsync<OverloadedException>(() => cluster.Generator.StartAsync(DynamoCluster.Model, Spec(2), CancellationToken.None));

        Assert.True(await admins[1].SetBusyLimitsAsync(DynamoCluster.Model, limits: null));
        await using ISequenceStream next = await cluster.Generator.StartAsync(DynamoCluster.Model, Spec(2), CancellationToken.None);
        Assert.NotNull(next.Route);
    }

    [Fact]
    public async Task WorkersWithOtherBlocks_AnotherRouterBegins()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([SiloRoles.Frontend, SiloRoles.Worker]);
        await RunAsync(cluster, Spec(1));
        RouterInstruments routers = cluster.Frontends.Single().GetRequiredService<RouterInstruments>();
        EventCounts before = routers.Of(DynamoCluster.Model)!;
        ModelView view = await cluster.Grains.GetGrain<IModelGrain>(DynamoCluster.Model).GetViewAsync();
        InstanceReport replaced = view.Instances[0] with { Limits = view.Instances[0].Limits! with { BlockSize = 16 } };

        await cluster.Grains.GetGrain<IRouterGrain>(DynamoCluster.Model).UpdateAsync(view with { Incarnation = Guid.NewGuid(), IsComplete = true, Instances = [replaced] });

        await cluster.UntilAsync(() => routers.Of(DynamoCluster.Model) is { } counts && counts != before, "another router");
    }

    // 39 tokens in blocks of 8: four of them are full and reusable.
    private static SequenceSpec Spec(int number) => new()
    {
        PromptTokenIds = [.. Enumerable.Range(0, 39).Select(i => ((number * 31) + (i * 7)) % 256)],
        Sampling = new SamplingParameters { Seed = 1, MaxTokens = 1 },
    };

    private static async Task<(RouteInfo Route, int NumCachedTokens)> RunAsync(DynamoCluster cluster, SequenceSpec spec)
    {
        await using ISequenceStream stream = await cluster.Generator.StartAsync(DynamoCluster.Model, spec, CancellationToken.None);
        return (stream.Route!, (await Sequences.ReadAsync(stream)).Last.NumCachedTokens);
    }

    private static Task KnownAsync(DynamoCluster cluster, WorkerId worker, int numBlocks) => cluster.UntilAsync(
        async () => (await cluster.Grains.GetGrain<IRouterGrain>(DynamoCluster.Model).GetCachesAsync()).Any(cache => cache.Worker == worker && cache.NumBlocks == numBlocks),
        $"the router to know the {numBlocks} blocks");
}
