using Dynamo.Abstractions.Instances;
using Dynamo.Cluster.Placement;
using Dynamo.ClusterTests.Support;
using Dynamo.Engine.Configuration;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Mock;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Serving.Admin;
using Dynamo.Serving.Liveness;
using Dynamo.Worker.Engines;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dynamo.ClusterTests.Serving;

/// <summary>A silo with several GPUs is several workers, each with a life of its own.</summary>
public sealed class FleetTests
{
    private const SiloRoles Both = SiloRoles.Frontend | SiloRoles.Worker;

    [Fact]
    public async Task SiloWithThreeGpus_IsThreeWorkers()
    {
        await using DynamoCluster cluster = await StartAsync([Both]);
        WorkerInfo[] workers = [.. Admin(cluster).Workers];

        Assert.Equal([0, 1, 2], workers.Select(static worker => worker.Gpu!.Value).Order());
        Assert.Equal([1, 2, 3], workers.Select(static worker => worker.Generation).Order());
        Assert.Equal(3, workers.Select(static worker => worker.Id).Distinct().Count());
        Assert.Single(workers.Select(static worker => worker.Address).Distinct());
        Assert.Equal(
            workers.OrderBy(static worker => worker.Gpu).Select(static worker => (worker.Id, worker.Generation)),
            cluster.Engines.Select(static engine => (engine.Report().Worker.ToString(), engine.RunningGeneration)));

        await StreamLoad.AssertUndisturbedAsync(await StreamLoad.AskAsync(cluster));
        Assert.All(cluster.Engines, static engine => Assert.True(engine.Load()!.Step > 0, "each has its share"));
    }

    [Fact]
    public async Task EngineThatFails_IsFormedAnewAloneAndItsStreamsGoOn()
    {
        StepGate gate = new();
        Action<StepBatch> pass = gate.Model.BeforeStep!;
        int failAt = 10;
        MockModelConfig mock = new()
        {
            BeforeStep = batch =>
            {
                pass(batch);
                if (Interlocked.Decrement(ref failAt) == 0)
                {
                    throw new InvalidOperationException("the device is gone");
                }
            },
        };
        await using DynamoCluster cluster = await StartAsync([Both], gate, mock);
        RankReport[] before = [.. cluster.Engines.Select(static engine => engine.Report())];

        Task<List<int>>[] answers = await StreamLoad.AskAsync(cluster);
        gate.Open();
        await StreamLoad.AssertUndisturbedAsync(answers);
        await cluster.UntilAsync(() => cluster.Engines.Any(static engine => engine.Report() is { Generation: 4, State: InstanceState.Ready }), "the next generation");
        await cluster.UntilAsync(() => Admin(cluster).Workers is { Count: 3 } workers && workers.All(static worker => worker.State == "ready"), "three workers");

        RankReport[] after = [.. cluster.Engines.Select(static engine => engine.Report())];
        Assert.Equal(2, before.Zip(after).Count(static pair => pair.First.Worker == pair.Second.Worker && pair.First.Generation == pair.Second.Generation));
        Assert.Single(after, static report => report.Generation == 4);
    }

    [Fact]
    public async Task DrainOfOneWorker_LeavesTheOthersAsTheyAre()
    {
        StepGate gate = new();
        await using DynamoCluster cluster = await StartAsync([Both], gate);
        EngineHost[] engines = [.. cluster.Engines];
        Task<List<int>>[] answers = await StreamLoad.AskAsync(cluster);

        Assert.True(await Admin(cluster).DrainAsync(engines[1].Report().Worker.ToString()));
        await cluster.UntilAsync(() => State(1) == "draining", "the drain to be seen");
        Assert.Equal([false, true, false], engines.Select(static engine => engine.IsDraining));
        Assert.Equal(["ready", "ready"], new[] { State(0), State(2) });

        gate.Open();
        await StreamLoad.AssertUndisturbedAsync(answers);
        await cluster.UntilAsync(() => Worker(1).SafeToDelete, "nothing to be left there");
        long step = engines[1].Load()!.Step;
        await StreamLoad.AssertUndisturbedAsync(await StreamLoad.AskAsync(cluster));
        Assert.Equal(step, engines[1].Load()!.Step);

        WorkerInfo Worker(int gpu) => Admin(cluster).Workers.Single(worker => worker.Gpu == gpu);
        string State(int gpu) => Worker(gpu).State;
    }

    [Fact]
    public async Task WorkerThatAFrontendHasNoWordFrom_IsShownAsUnreachable_UntilItAnswers()
    {
        await using DynamoCluster cluster = await StartAsync([Both], new StepGate());
        WorkerWatch watch = cluster.Frontends.First().GetRequiredService<WorkerWatch>();
        WorkerId worker = cluster.Engines.First().Report().Worker;

        // It answers soon.
        await cluster.UntilAsync(
            () =>
            {
                watch.Distrust(worker);
                return States().Count(static state => state == "unreachable") == 1;
            },
            "the suspicion to be seen");
        await cluster.UntilAsync(() => States().All(static state => state == "ready"), "its answer");

        IEnumerable<string> States() => Admin(cluster).Workers.Select(static info => info.State);
    }

    [Fact]
    public async Task SiloKilled_TheStreamsOfAllItsWorkersGoOnElsewhere()
    {
        StepGate gate = new();
        await using DynamoCluster cluster = await StartAsync([SiloRoles.Frontend, SiloRoles.Worker, SiloRoles.Worker], gate);
        Task<List<int>>[] answers = await StreamLoad.AskAsync(cluster);
        gate.Allow(20);
        await cluster.UntilAsync(() => cluster.Engines.Sum(static engine => engine.Load()!.Step) >= 20, "20 steps");
        Assert.Equal(6, cluster.Engines.Count(static engine => engine.Load() is { NumRunning: > 0 } or { NumWaiting: > 0 }));

        Task kill = cluster.KillAsync(cluster.Engines.First());
        gate.Open();
        await kill;

        await StreamLoad.AssertUndisturbedAsync(answers);
        await cluster.UntilAsync(() => Admin(cluster).Workers.Count == 3, "the lost workers to be forgotten");
    }

    [Fact]
    public async Task SiloDrained_AllItsWorkersAreAndTheirStreamsGoOnElsewhere()
    {
        StepGate gate = new();
        await using DynamoCluster cluster = await StartAsync([SiloRoles.Frontend, SiloRoles.Worker, SiloRoles.Worker], gate);
        Task<List<int>>[] answers = await StreamLoad.AskAsync(cluster);
        EngineHosts leaving = cluster.Silos.Select(static silo => silo.GetService<EngineHosts>()).OfType<EngineHosts>().First();

        Task drain = leaving.DrainAsync(TimeSpan.Zero, CancellationToken.None);
        gate.Open();
        await drain;

        await StreamLoad.AssertUndisturbedAsync(answers);
        Assert.All(leaving.All, static engine => Assert.True(engine.IsDraining && engine.Load() is { NumRunning: 0, NumWaiting: 0 }));
    }

    [Fact]
    public async Task EachGpu_RefusesTheGenerationsOfOthersAndOlderOnes()
    {
        await using DynamoCluster cluster = await StartAsync([Both]);
        EngineHosts hosts = cluster.Silos.Single().GetRequiredService<EngineHosts>();
        EngineHost newest = hosts.Find(3)!;
        RankSpec spec = newest.Spec!;
        RankSpec older = spec with { Instance = spec.Instance with { Generation = 2 } };
        GenerationRequest request = new() { Id = RequestId.New(), Attempt = 1, TokenIds = [1], NumPromptTokens = 1, Sampling = new SamplingParameters() };

        Assert.Throws<StaleGenerationException>(() => newest.Load(older));
        Assert.Throws<StaleGenerationException>(() => newest.Submit(2, spec.Instance.Head, request, numBytes: 0));
        Assert.Null(hosts.Find(4));
        Assert.Throws<EngineStartException>(() => hosts.Of(3));
        Assert.True(hosts.AreReady);
    }

    private static IClusterAdmin Admin(DynamoCluster cluster) => cluster.Frontends.First().GetRequiredService<IClusterAdmin>();

    private static Task<DynamoCluster> StartAsync(SiloRoles[] silos, StepGate? gate = null, MockModelConfig? mock = null) =>
        DynamoCluster.StartAsync(silos, mock, static options => options with { NumGpus = 3 }, gate: gate);
}
