using Dynamo.Engine.Configuration;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Mock;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Requests;
using Dynamo.UnitTests.Engine.Support;
using Xunit;
using static Dynamo.UnitTests.Engine.Support.TestRequests;

namespace Dynamo.UnitTests.Engine;

public sealed class LlmEngineLifecycleTests
{
    [Fact]
    public async Task Start_MockModel_ReadyWithTheLimitsOfTheConfig()
    {
        await using TestEngine engine = await TestEngine.StartAsync(TestEngine.Config with { MaxModelLength = 100 });

        StepLimits limits = await engine.Listener.Ready;
        Assert.Equal((64, 16, 16, 100, 8), (limits.MaxBatchedTokens, limits.MaxNumSequences, limits.MaxLogitRows, limits.MaxModelLength, limits.BlockSize));
        Assert.Equal(64, engine.Listener.NumBlocks);
    }

    [Fact]
    public void Constructor_BadConfig_NamesEveryFault()
    {
        EngineConfig config = TestEngine.Config with { BlockSize = 12, MaxNumSequences = 0 };

        EngineStartException thrown = Assert.Throws<EngineStartException>(() => new TestEngine(config));

        Assert.Contains("BlockSize", thrown.Message);
        Assert.Contains("MaxNumSequences", thrown.Message);
    }

    [Fact]
    public async Task Start_Twice_Refuses()
    {
        await using TestEngine engine = await TestEngine.StartAsync();

        Assert.Throws<InvalidOperationException>(engine.Engine.Start);
    }

    [Fact]
    public async Task Start_ModelDoesNotLoad_StoppedWithTheReason()
    {
        await using TestEngine engine = new(factory: new Factory(static _ => throw new EngineStartException("no such model")));
        engine.Engine.Start();

        Assert.IsType<EngineStartException>(await engine.Listener.Stopped);
        Assert.Equal(SubmitStatus.NotServing, engine.Engine.Submit(Of(1, Prompt(3)), null).Status);
        Assert.Empty(engine.Listener.Events);
    }

    [Fact]
    public async Task Start_PoolThatCannotHoldTheLengthAskedFor_StoppedWithTheNumbers()
    {
        await using TestEngine engine = new(TestEngine.Config with { NumBlocks = 4, MaxModelLength = 100 });
        engine.Engine.Start();

        Exception? failure = await engine.Listener.Stopped;

        Assert.Contains("the cache has 4 (32 tokens)", Assert.IsType<EngineStartException>(failure).Message);
    }

    [Fact]
    public async Task ResetPrefixCacheAsync_EngineIdleOrStopped_AnswersAtOnce()
    {
        TestEngine engine = await TestEngine.StartAsync();
        await engine.AnswerAsync(Of(1, Prompt(40), Greedy with { MaxTokens = 1 }));

        Assert.True(await engine.Engine.ResetPrefixCacheAsync());

        Assert.Equal(0, engine.Engine.Load.NumCachedBlocks);
        Assert.Equal(KVEventKind.Cleared, engine.Listener.Events.Last().Kind);
        await engine.DisposeAsync();
        Assert.False(await engine.Engine.ResetPrefixCacheAsync());
    }

    [Fact]
    public async Task Submit_WhileLoading_NotServing()
    {
        TaskCompletionSource loading = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TestEngine engine = new(factory: new Factory(token =>
        {
            loading.SetResult();
            token.WaitHandle.WaitOne();
            throw new OperationCanceledException(token);
        }));
        engine.Engine.Start();
        await loading.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(SubmitStatus.NotServing, engine.Engine.Submit(Of(1, Prompt(3)), null).Status);

        // Loading is called off, which is no failure.
        await engine.DisposeAsync();
        Assert.Null(await engine.Listener.Stopped);
    }

    [Fact]
    public async Task DisposeAsync_NeverStarted_Returns()
    {
        TestEngine engine = new();

        await engine.DisposeAsync();

        Assert.Equal(SubmitStatus.NotServing, engine.Engine.Submit(Of(1, Prompt(3)), null).Status);
    }

    [Fact]
    public async Task DisposeAsync_SequencesRunAndWait_EachIsInterruptedBeforeStopped()
    {
        StepGate gate = new();
        TestEngine engine = await TestEngine.StartAsync(gate, TestEngine.Config with { MaxNumSequences = 1, MaxBatchedTokens = 8 });
        Answer running = engine.Submit(Of(1, Prompt(3)), tag: "a");
        await gate.ArrivedAsync();
        Answer waiting = engine.Submit(Of(2, Prompt(3)), tag: "b");
        gate.Pass();
        await gate.ArrivedAsync();
        Answer inTheInbox = engine.Submit(Of(3, Prompt(3)), tag: "c");

        ValueTask disposing = engine.DisposeAsync();
        gate.Open();
        await disposing;

        Assert.Null(await engine.Listener.Stopped);
        foreach (Answer answer in (Answer[])[running, waiting, inTheInbox])
        {
            Assert.Equal((FinishReason.Interrupted, "The engine was stopped."), (answer.FinishReason, answer.Error));
        }

        Assert.Equal(["a", "b", "c"], new[] { running, waiting, inTheInbox }.Select(static a => a.Tag));
        Assert.Equal((2, 0, 0), (running.Tokens.Count, waiting.Tokens.Count, inTheInbox.Tokens.Count));
        Assert.Equal(KVEventKind.Cleared, engine.Listener.Events.Last().Kind);
        Assert.Equal(SubmitStatus.NotServing, engine.Engine.Submit(Of(4, Prompt(3)), null).Status);
        engine.Engine.Abort(Id(1), 1);
    }

    [Fact]
    public async Task DisposeAsync_Twice_Returns()
    {
        TestEngine engine = await TestEngine.StartAsync();

        await engine.DisposeAsync();
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task Step_RunnerThrows_AllSequencesEndWithItAndTheEngineIsGone()
    {
        int step = 0;
        StepGate gate = new();
        await using TestEngine engine = await TestEngine.StartAsync(
            TestEngine.Config with { MaxNumSequences = 2 },
            new MockModelConfig
            {
                BeforeStep = batch =>
                {
                    gate.BeforeStep(batch);
                    if (++step == 3)
                    {
                        throw new InvalidOperationException("device lost");
                    }
                },
            });
        Answer[] answers = [engine.Submit(Of(1, Prompt(9)))];
        await gate.ArrivedAsync();
        answers = [.. answers, engine.Submit(Of(2, Prompt(9))), engine.Submit(Of(3, Prompt(9)))];
        gate.Open();

        Exception? failure = await engine.Listener.Stopped;

        Assert.Equal("device lost", Assert.IsType<InvalidOperationException>(failure).Message);
        Assert.All(answers, static a => Assert.Equal((FinishReason.Interrupted, "The engine failed: device lost"), (a.FinishReason, a.Error)));
        Assert.Equal([2, 1, 0], answers.Select(static a => a.Tokens.Count));
        SubmitResult later = engine.Engine.Submit(Of(4, Prompt(3)), null);
        Assert.Equal((SubmitStatus.NotServing, "The engine is loading or has stopped."), (later.Status, later.Message));
        Assert.Equal((0, 0, 0), (engine.Engine.Load.NumUsedBlocks, engine.Engine.Load.NumCachedBlocks, engine.Engine.Load.NumWaiting));
    }

    private sealed class Factory(Func<CancellationToken, IModelRunner> load) : IModelRunnerFactory
    {
        public IModelRunner Load(ModelLoadOptions options, IProgress<LoadProgress>? progress, CancellationToken cancellationToken) => load(cancellationToken);
    }
}
