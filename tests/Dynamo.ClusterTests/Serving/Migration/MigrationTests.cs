using Dynamo.Abstractions.Instances;
using Dynamo.Cluster.Placement;
using Dynamo.ClusterTests.Security;
using Dynamo.ClusterTests.Support;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Mock;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Load;
using Dynamo.Serving.Admin;
using Dynamo.Serving.Migration;
using Dynamo.Serving.Streams;
using Dynamo.Worker.Engines;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Dynamo.ClusterTests.Serving.Migration;

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

    [Fact]
    public async Task WorkersOfTwoClasses_StreamsStayInTheirsWhileItHasAnother_ThenGoOnInTheOther()
    {
        StepGate gate = new();
        LineLogger<InexactMoves> log = new();
        SiloRoles[] silos = [SiloRoles.Frontend, SiloRoles.Worker, SiloRoles.Worker, SiloRoles.Worker];
        await using DynamoCluster cluster = await StartAsync(silos, gate, numerics: ["", "a", "a", "b"], log: log);
        EngineHost[] engines = [.. cluster.Engines.OrderBy(static engine => engine.Report().Limits!.NumericsClass)];
        WorkerId[] workers = [.. engines.Select(static engine => engine.Report().Worker)];
        SequenceSpec[] specs = [.. Enumerable.Range(0, 6).Select(static number => Sequences.Spec(number, maxTokens: 400))];
        ISequenceStream[] streams = await Task.WhenAll(specs.Select(spec => cluster.Generator.StartAsync(DynamoCluster.Model, spec, CancellationToken.None)));
        await StepUntilAsync(() => engines.All(static engine => engine.Load()!.Step >= 5), "every stream to have its first tokens");

        ISequenceStream[] firsts = At(workers[0]);
        await LeaveAsync(engines[0], firsts);
        Assert.NotEmpty(firsts);
        Assert.All(firsts, stream => Assert.Equal(workers[1], stream.Route!.Worker));
        Assert.DoesNotContain(log.Lines, static line => line.Contains("another numerics class", StringComparison.Ordinal));

        ISequenceStream[] all = At(workers[1]);
        await LeaveAsync(engines[1], all);
        Assert.Superset(firsts.ToHashSet(), all.ToHashSet());
        Assert.All(streams, stream => Assert.Equal(workers[2], stream.Route!.Worker));
        gate.Open();
        for (int i = 0; i < streams.Length; i++)
        {
            Assert.Equal(await Sequences.AnswerAsync(specs[i]), (await Sequences.ReadAsync(streams[i])).Tokens);
        }

        Assert.Single(log.Lines, static line => line.Contains("goes on in another numerics class, for no worker of its own could take it: from a to b.", StringComparison.Ordinal));

        ISequenceStream[] At(WorkerId worker) => [.. streams.Where(stream => stream.Route!.Worker == worker)];

        async Task LeaveAsync(EngineHost engine, ISequenceStream[] moving)
        {
            WorkerId worker = engine.Report().Worker;
            Task drain = engine.DrainAsync(TimeSpan.Zero, CancellationToken.None);
            await StepUntilAsync(() => drain.IsCompleted && moving.All(stream => stream.Route!.Worker != worker), "the streams to go on elsewhere");
            await drain;
        }

        Task StepUntilAsync(Func<bool> isTrue, string what) => cluster.UntilAsync(
            () =>
            {
                gate.Allow(1);
                return isTrue();
            },
            what);
    }

    [Fact]
    public async Task WorkerThatIsNotExact_SaysSoWhenItIsReady_AndToOperators()
    {
        LineLogger<InexactMoves> log = new();
        await using DynamoCluster cluster = await StartAsync([SiloRoles.Frontend | SiloRoles.Worker], new StepGate(), numerics: ["inexact-mock"], log: log);

        Assert.Single(log.Lines, static line => line.StartsWith("Warning Generation 1 is not exact: the start-up self-test of inexact-mock failed", StringComparison.Ordinal));
        Assert.Equal("inexact-mock", cluster.Frontends.Single().GetRequiredService<IClusterAdmin>().Workers.Single().NumericsClass);
    }

    private static async Task<DynamoCluster> StartAsync(
        SiloRoles[] silos, StepGate gate, MigrationOptions? migration = null, IReadOnlyList<string>? numerics = null, ILoggerProvider? log = null)
    {
        DynamoCluster cluster = await DynamoCluster.StartAsync(silos, migration: migration, gate: gate, numerics: numerics, more: silo =>
        {
            if (log is not null)
            {
                silo.Services.AddSingleton(log);
            }
        });
        await cluster.UntilAsync(() => cluster.Engines.All(static engine => engine.IsReady), "all workers");
        return cluster;
    }
}
