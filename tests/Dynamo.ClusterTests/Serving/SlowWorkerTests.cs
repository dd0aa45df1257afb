using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Serving;
using Dynamo.Cluster.Placement;
using Dynamo.ClusterTests.Support;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Wire;
using Dynamo.Serving.Liveness;
using Dynamo.Serving.Streams;
using Dynamo.Worker.Engines;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Dynamo.ClusterTests.Serving;

/// <summary>Workers that are slow to answer: busy, and not gone.</summary>
public sealed class SlowWorkerTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<int> _attempts = [];
    private SiloAddress? _slow;

    private int[] Attempts
    {
        get
        {
            lock (_attempts)
            {
                return [.. _attempts.Order()];
            }
        }
    }

    [Fact]
    public async Task OnlyWorkerTakesLongerThanTheDispatchersPatience_TheRequestIsServedOnceAndWhole()
    {
        await using DynamoCluster cluster = await StartAsync([SiloRoles.Frontend | SiloRoles.Worker]);
        Task<ISequenceStream> starting = cluster.Generator.StartAsync(DynamoCluster.Model, Sequences.Spec(1), CancellationToken.None);

        await cluster.UntilAsync(() => IsSuspect(cluster, cluster.Engines.Single().Report().Worker), "the dispatcher to look for others");
        Assert.False(starting.IsCompleted);
        _open.SetResult();

        await using ISequenceStream stream = await starting.WaitAsync(Deadline);
        Assert.Equal(await Sequences.AnswerAsync(Sequences.Spec(1)), (await Sequences.ReadAsync(stream)).Tokens);
        Assert.Equal([1], Attempts);
        await cluster.UntilAsync(() => !IsSuspect(cluster, cluster.Engines.Single().Report().Worker), "the answer to count for others, too");
    }

    [Fact]
    public async Task OnlyWorkerIsSuspectAlready_ARequestIsServed()
    {
        await using DynamoCluster cluster = await StartAsync([SiloRoles.Frontend | SiloRoles.Worker]);
        _open.SetResult();
        WorkerWatch watch = cluster.Frontends.Single().GetRequiredService<WorkerWatch>();

        // Whatever the probes find, it is suspect whenever somebody looks.
        using Timer again = new(_ => watch.Distrust(cluster.Engines.Single().Report().Worker), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        await cluster.UntilAsync(() => watch.Suspects.Length == 1, "the suspicion");
        await using ISequenceStream stream = await cluster.Generator.StartAsync(DynamoCluster.Model, Sequences.Spec(2), CancellationToken.None).WaitAsync(Deadline);

        Assert.Equal(await Sequences.AnswerAsync(Sequences.Spec(2)), (await Sequences.ReadAsync(stream)).Tokens);
    }

    [Fact]
    public async Task SlowWorkerAmongTwo_LosesTheRequestToTheOtherAndRunsItNotAtAll()
    {
        await using DynamoCluster cluster = await StartAsync([SiloRoles.Frontend, SiloRoles.Worker, SiloRoles.Worker], isSlow: false);
        _slow = cluster.Silos.First(static silo => silo.GetService<EngineHosts>() is not null).GetRequiredService<ILocalSiloDetails>().SiloAddress;

        // By turns, so one of the two goes to the slow one first.
        ISequenceStream[] streams = await Task.WhenAll(
            Enumerable.Range(0, 2).Select(number => cluster.Generator.StartAsync(DynamoCluster.Model, Sequences.Spec(number), CancellationToken.None))).WaitAsync(Deadline);
        _open.SetResult();

        for (int number = 0; number < 2; number++)
        {
            await using ISequenceStream stream = streams[number];
            Assert.Equal(await Sequences.AnswerAsync(Sequences.Spec(number)), (await Sequences.ReadAsync(stream)).Tokens);
        }

        await cluster.UntilAsync(() => Attempts.Length == 3, "the slow worker to have let the request through");
        await cluster.UntilAsync(() => cluster.Engines.All(static engine => engine.Load() is { NumRunning: 0, NumWaiting: 0 }), "nothing to run anywhere");
        Assert.Equal([1, 1, 2], Attempts);
    }

    [Fact]
    public async Task ClientLeavesWhileTheOnlyWorkerIsSlow_TheWaitEndsAndWhatTheWorkerBeginsAllTheSameIsEnded()
    {
        StepGate gate = new();
        await using DynamoCluster cluster = await StartAsync([SiloRoles.Frontend | SiloRoles.Worker], gate: gate);
        EngineHost engine = cluster.Engines.Single();
        using CancellationTokenSource client = new();
        Task<ISequenceStream> starting = cluster.Generator.StartAsync(DynamoCluster.Model, Sequences.Spec(3, maxTokens: 400), client.Token);
        await cluster.UntilAsync(() => IsSuspect(cluster, engine.Report().Worker), "the dispatcher to look for others");

        await client.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting.WaitAsync(Deadline));
        _open.SetResult();

        // The word that it is not wanted came before the sequence did; the answer to its first tokens says it again.
        gate.Allow(1);
        await cluster.UntilAsync(() => engine.Load()!.Step > 0, "the sequence to run");
        await cluster.UntilAsync(
            () =>
            {
                gate.Allow(1);
                return engine.Load() is { NumRunning: 0, NumWaiting: 0 };
            },
            "the sequence to be ended");
        Assert.InRange(engine.Load()!.Step, 1, 399);
    }

    private static bool IsSuspect(DynamoCluster cluster, WorkerId worker) => cluster.Frontends.Single().GetRequiredService<WorkerWatch>().Suspects.Contains(worker);

    // Submits wait until they are let through; the attempts that were are noted.
    private Task<DynamoCluster> StartAsync(SiloRoles[] silos, bool isSlow = true, StepGate? gate = null) => DynamoCluster.StartAsync(silos, gate: gate, more: silo => silo.AddIncomingGrainCallFilter(async call =>
    {
        if (call.InterfaceMethod.DeclaringType == typeof(IModelInstanceGrain) && call.InterfaceMethod.Name == nameof(IModelInstanceGrain.SubmitAsync))
        {
            if (isSlow || InstanceKey.Parse(call.TargetId.Key.ToString()!).Head.Equals(_slow))
            {
                await _open.Task;
            }

            lock (_attempts)
            {
                _attempts.Add(WireFormat.DecodeGenerationRequest(((WireMessage)call.Request.GetArgument(1)!).Bytes).Attempt);
            }
        }

        await call.Invoke();
    }));
}
