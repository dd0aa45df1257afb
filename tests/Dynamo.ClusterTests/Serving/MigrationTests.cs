using Dynamo.Abstractions.Instances;
using Dynamo.Cluster.Placement;
using Dynamo.Cluster.Serving;
using Dynamo.Cluster.Workers;
using Dynamo.ClusterTests.Support;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Mock;
using Dynamo.Protocol.Frames;
using Xunit;

namespace Dynamo.ClusterTests.Serving;

public sealed class MigrationTests
{
    private static readonly SiloRoles[] TwoWorkers = [SiloRoles.Frontend, SiloRoles.Worker, SiloRoles.Worker];

    [Fact]
    public async Task WorkerKilledInTheMiddle_EveryStreamSaysWhatItSaysUndisturbed()
    {
        StepGate gate = new();
        await using DynamoCluster cluster = await StartAsync(TwoWorkers, gate);
        Task<List<int>>[] answers = await StreamLoad.AskAsync(cluster);
        gate.Allow(20);
        await cluster.UntilAsync(() => cluster.Engines.Sum(static engine => engine.Load()!.Step) >= 20, "20 steps");

        Task kill = cluster.KillAsync(cluster.Engines.First());
        gate.Open();
        await kill;

        await StreamLoad.AssertUndisturbedAsync(answers);
    }

    [Fact]
    public async Task WorkerDrainedInTheMiddle_EveryStreamSaysWhatItSaysUndisturbed()
    {
        StepGate gate = new();
        await using DynamoCluster cluster = await StartAsync(TwoWorkers, gate);
        Task<List<int>>[] answers = await StreamLoad.AskAsync(cluster);
        EngineHost drained = cluster.Engines.First();
        gate.Allow(20);
        await cluster.UntilAsync(() => cluster.Engines.Sum(static engine => engine.Load()!.Step) >= 20, "20 steps");

        Task drain = drained.DrainAsync(TimeSpan.Zero, CancellationToken.None);
        gate.Open();
        await drain;

        await StreamLoad.AssertUndisturbedAsync(answers);
        Assert.Equal((0, 0), (drained.Load()!.NumRunning, drained.Load()!.NumWaiting));
        await cluster.UntilAsync(() => drained.Report().State == InstanceState.Draining, "the state to say so");
    }

    [Fact]
    public async Task DrainWithAGrace_LetsSequencesFinishWhereTheyAre()
    {
        StepGate gate = new();
        await using DynamoCluster cluster = await StartAsync([SiloRoles.Frontend | SiloRoles.Worker], gate);
        EngineHost engine = cluster.Engines.Single();
        Task<List<int>>[] answers = await StreamLoad.AskAsync(cluster);

        Task drain = engine.DrainAsync(TimeSpan.FromMinutes(1), CancellationToken.None);
        await Assert.ThrowsAsync<NoWorkerException>(() => cluster.Generator.StartAsync(DynamoCluster.Model, Sequences.Spec(1), CancellationToken.None));
        gate.Open();
        await drain;

        await StreamLoad.AssertUndisturbedAsync(answers);
    }

    [Fact]
    public async Task EngineThatFailsInTheMiddle_ItsStreamsGoOnAtTheNextGeneration()
    {
        int failAt = 10;
        StepGate gate = new();
        Action<StepBatch> pass = gate.Model.BeforeStep!;
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
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([SiloRoles.Frontend | SiloRoles.Worker], mock, gate: gate);

        Task<List<int>>[] answers = await StreamLoad.AskAsync(cluster);
        gate.Open();

        await StreamLoad.AssertUndisturbedAsync(answers);
        Assert.Equal(2, cluster.Engines.Single().Report().Generation);
    }

    [Fact]
    public async Task MigrationLimitOfZero_EndsTheStreamWithAnErrorThatSaysSo()
    {
        StepGate gate = new();
        await using DynamoCluster cluster = await StartAsync(TwoWorkers, gate, new MigrationOptions { Limit = 0 });
        await using ISequenceStream stream = await cluster.Generator.StartAsync(DynamoCluster.Model, Sequences.Spec(1), CancellationToken.None);

        foreach (EngineHost engine in cluster.Engines)
        {
            Task drain = engine.DrainAsync(TimeSpan.Zero, CancellationToken.None);
            gate.Allow(5);
            await drain;
        }

        SequenceDelta last = (await Sequences.ReadAsync(stream)).Last;
        Assert.Equal(FinishReason.Error, last.FinishReason);
        Assert.Contains("--migration-limit", last.Error);
        gate.Open();
    }

    private static async Task<DynamoCluster> StartAsync(SiloRoles[] silos, StepGate gate, MigrationOptions? migration = null)
    {
        DynamoCluster cluster = await DynamoCluster.StartAsync(silos, migration: migration, gate: gate);
        await cluster.UntilAsync(() => cluster.Engines.All(static engine => engine.IsReady), "all workers");
        return cluster;
    }
}
