using Dynamo.Abstractions.Instances;
using Dynamo.Cluster.Placement;
using Dynamo.ClusterTests.Support;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;
using Dynamo.Serving.Streams;
using Dynamo.Worker.Engines;
using Xunit;

namespace Dynamo.ClusterTests.Serving;

public sealed class ServingTests
{
    private const SiloRoles Both = SiloRoles.Frontend | SiloRoles.Worker;

    [Fact]
    public async Task OneSilo_SaysWhatAnEngineAloneSays()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([Both]);

        await using ISequenceStream stream = await cluster.Generator.StartAsync(DynamoCluster.Model, Sequences.Spec(1), CancellationToken.None);
        (List<int> tokens, SequenceDelta last) = await Sequences.ReadAsync(stream);

        Assert.Equal(await Sequences.AnswerAsync(Sequences.Spec(1)), tokens);
        Assert.Equal(FinishReason.Length, last.FinishReason);
    }

    [Fact]
    public async Task ThirtyTwoStreamsAtOnceOverTwoWorkers_EachSaysWhatItSaysAlone()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([SiloRoles.Frontend, SiloRoles.Worker, SiloRoles.Worker]);
        await cluster.UntilAsync(() => cluster.Engines.All(static engine => engine.Report().State == InstanceState.Ready), "both workers");

        List<int>[] answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(async number =>
        {
            await using ISequenceStream stream = await cluster.Generator.StartAsync(DynamoCluster.Model, Sequences.Spec(number), CancellationToken.None);
            return (await Sequences.ReadAsync(stream)).Tokens;
        }));

        for (int number = 0; number < answers.Length; number++)
        {
            Assert.Equal(await Sequences.AnswerAsync(Sequences.Spec(number)), answers[number]);
        }

        Assert.All(cluster.Engines, static engine => Assert.True(engine.Load()!.Step > 0, "round-robin gives both workers work"));
    }

    [Fact]
    public async Task StreamThatIsDisposed_FreesItsBlocksLongBeforeItsEnd()
    {
        StepGate gate = new();
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([Both], gate: gate);
        EngineHost engine = cluster.Engines.Single();
        gate.Allow(4);
        ISequenceStream stream = await cluster.Generator.StartAsync(DynamoCluster.Model, Sequences.Spec(3, maxTokens: 400), CancellationToken.None);
        await using (IAsyncEnumerator<SequenceDelta> deltas = stream.ReadAllAsync(CancellationToken.None).GetAsyncEnumerator())
        {
            Assert.True(await deltas.MoveNextAsync());
        }

        await stream.DisposeAsync();

        // One step at a time, until the abort has found its way to the engine.
        await cluster.UntilAsync(
            () =>
            {
                gate.Allow(1);
                return engine.Load() is { NumUsedBlocks: 0, NumRunning: 0, NumWaiting: 0 };
            },
            "all blocks to be free");
        Assert.InRange(engine.Load()!.Step, 1, 300);
    }

    [Fact]
    public async Task WorkerThatIsKilled_IsNotUsedAnyMore()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([SiloRoles.Frontend, SiloRoles.Worker, SiloRoles.Worker]);
        await cluster.UntilAsync(() => cluster.Engines.All(static engine => engine.Report().State == InstanceState.Ready), "both workers");

        await cluster.KillAsync(cluster.Engines.First());

        for (int number = 0; number < 4; number++)
        {
            await using ISequenceStream stream = await cluster.Generator.StartAsync(DynamoCluster.Model, Sequences.Spec(number), CancellationToken.None);
            Assert.Equal(await Sequences.AnswerAsync(Sequences.Spec(number)), (await Sequences.ReadAsync(stream)).Tokens);
        }
    }

    [Fact]
    public async Task RequestThatCanNeverRun_IsRefusedNamingTheParameter()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([Both]);
        SequenceSpec spec = Sequences.Spec(1) with { PromptTokenIds = [1, 2, 256] };

        RequestRefusedException e = await Assert.ThrowsAsync<RequestRefusedException>(
            () => cluster.Generator.StartAsync(DynamoCluster.Model, spec, CancellationToken.None));

        Assert.Equal("prompt", e.Parameter);
        Assert.Contains("256", e.Message);
    }

    [Fact]
    public async Task QueueThatIsFull_IsOverload()
    {
        StepGate gate = new();
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([Both], gate: gate, configure: static options => options with { MaxNumSequences = 1, MaxWaiting = 1 });
        await using ISequenceStream first = await cluster.Generator.StartAsync(DynamoCluster.Model, Sequences.Spec(1), CancellationToken.None);
        await using ISequenceStream second = await cluster.Generator.StartAsync(DynamoCluster.Model, Sequences.Spec(2), CancellationToken.None);

        await Assert.ThrowsAsync<OverloadedException>(() => cluster.Generator.StartAsync(DynamoCluster.Model, Sequences.Spec(3), CancellationToken.None));

        gate.Open();
        Assert.Equal(await Sequences.AnswerAsync(Sequences.Spec(2)), (await Sequences.ReadAsync(second)).Tokens);
    }

    [Fact]
    public async Task ModelThatNobodyOffers_HasNoWorker()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([Both]);

        NoWorkerException e = await Assert.ThrowsAsync<NoWorkerException>(() => cluster.Generator.StartAsync("other", Sequences.Spec(1), CancellationToken.None));

        Assert.Contains("other", e.Message);
    }

    [Fact]
    public async Task RankOnASiloThatIsGone_IsRefused()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([Both]);
        RankKey gone = new(SiloAddress.FromParsableString("127.0.0.1:1@1"), 0);

        await Assert.ThrowsAsync<SiloUnavailableException>(() => cluster.Grains.GetGrain<IRankGrain>(gone.ToString()).ReportAsync());
    }

    [Fact]
    public async Task OlderGeneration_IsRefusedByTheEngineHost()
    {
        await using DynamoCluster cluster = await DynamoCluster.StartAsync([Both]);
        EngineHost engine = cluster.Engines.Single();
        SiloAddress silo = SiloAddress.FromParsableString("127.0.0.1:1@1");
        RankSpec older = new() { Instance = new InstanceKey(DynamoCluster.Model, silo, 0), Rank = 0, Ranks = [new RankKey(silo, 0)] };

        Assert.Throws<StaleGenerationException>(() => engine.Load(older));
        Assert.Throws<StaleGenerationException>(() => engine.Submit(0, older.Instance.Head, new GenerationRequest
        {
            Id = RequestId.New(),
            Attempt = 1,
            TokenIds = [1],
            NumPromptTokens = 1,
            Sampling = new SamplingParameters(),
        }, numBytes: 0));
    }
}
