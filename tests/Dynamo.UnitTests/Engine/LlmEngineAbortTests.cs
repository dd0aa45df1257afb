using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;
using Dynamo.UnitTests.Engine.Support;
using Xunit;
using static Dynamo.UnitTests.Engine.Support.TestRequests;

namespace Dynamo.UnitTests.Engine;

public sealed class LlmEngineAbortTests
{
    private readonly StepGate _gate = new();

    [Fact]
    public async Task Abort_DuringAStep_AtMostThatStepsTokenFollowsAndItsBlocksAreFree()
    {
        await using TestEngine engine = await TestEngine.StartAsync(_gate);
        Answer answer = engine.Submit(Of(1, Prompt(20)));
        await _gate.ArrivedAsync();
        _gate.Pass();
        await _gate.ArrivedAsync();

        engine.Engine.Abort(Id(1), 1);
        _gate.Open();
        await engine.IdleAsync();

        Assert.Equal((2, FinishReason.None), (answer.Tokens.Count, answer.FinishReason));
        Assert.Equal(0, engine.Engine.Load.NumUsedBlocks);
    }

    [Fact]
    public async Task Abort_StillInTheInbox_NeverRuns()
    {
        await using TestEngine engine = await TestEngine.StartAsync(_gate);
        engine.Submit(Of(1, Prompt(3)));
        await _gate.ArrivedAsync();
        Answer answer = engine.Submit(Of(2, Prompt(3)));

        engine.Engine.Abort(Id(2), 1);
        _gate.Open();
        await engine.IdleAsync();

        Assert.Empty(answer.Tokens);
        Assert.Equal(FinishReason.None, answer.FinishReason);
    }

    [Fact]
    public async Task Abort_TwiceOrUnknown_ChangesNothing()
    {
        await using TestEngine engine = await TestEngine.StartAsync(_gate);
        Answer neighbour = engine.Submit(Of(1, Prompt(3)));
        engine.Submit(Of(2, Prompt(3)));

        engine.Engine.Abort(Id(2), 1);
        engine.Engine.Abort(Id(2), 1);
        engine.Engine.Abort(Id(3), 1);
        _gate.Open();
        await neighbour.Ended;
        engine.Engine.Abort(Id(1), 1);
        await engine.IdleAsync();

        Assert.Equal(MockText.Of(Of(1, Prompt(3)), TestEngine.VocabularySize), neighbour.Tokens);
    }

    [Theory]
    [InlineData(1, false)] // Of an attempt that is over: the present one goes on.
    [InlineData(2, true)]
    [InlineData(3, true)]
    public async Task Abort_SomeAttempt_EndsThatOrAnOlderOne(int attempt, bool ends)
    {
        await using TestEngine engine = await TestEngine.StartAsync(_gate);
        Answer answer = engine.Submit(Of(1, Prompt(3)) with { Attempt = 2 });
        await _gate.ArrivedAsync();

        engine.Engine.Abort(Id(1), attempt);
        engine.Submit(Of(2, Prompt(3)));
        _gate.Open();
        await engine.Listener.Of(Id(2)).Ended;
        await engine.IdleAsync();

        Assert.Equal(ends ? FinishReason.None : FinishReason.Length, answer.FinishReason);
    }

    [Fact]
    public async Task Abort_WhileWaitingForASlot_LeavesTheQueue()
    {
        await using TestEngine engine = await TestEngine.StartAsync(_gate, TestEngine.Config with { MaxNumSequences = 1 });
        Answer first = engine.Submit(Of(1, Prompt(3), Greedy with { MaxTokens = 3 }));
        Answer second = engine.Submit(Of(2, Prompt(3)));
        Answer third = engine.Submit(Of(3, Prompt(3)));
        await _gate.ArrivedAsync();
        _gate.Pass();
        await _gate.ArrivedAsync();

        engine.Engine.Abort(Id(2), 1);
        _gate.Open();
        await third.Ended;

        Assert.Equal((3, 0, 16), (first.Tokens.Count, second.Tokens.Count, third.Tokens.Count));
    }

    [Fact]
    public async Task SubmitAndAbort_FromManyThreads_EveryAnswerIsRightAndNoBlockIsLost()
    {
        await using TestEngine engine = await TestEngine.StartAsync(TestEngine.Config with { NumBlocks = 20, EnablePrefixCaching = true });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(async () =>
        {
            Random random = new(thread);
            for (int i = 0; i < 100; i++)
            {
                SamplingParameters sampling = new() { Seed = (ulong)i, MaxTokens = 1 + random.Next(20) };
                GenerationRequest request = Of((thread * 1000) + i, Prompt(1 + random.Next(40)), sampling);
                if (random.Next(3) == 0)
                {
                    // From another thread, so that it may come before, during or after.
                    Task aborting = Task.Run(() => engine.Engine.Abort(request.Id, 1));
                    engine.Submit(request);
                    await aborting;
                    engine.Engine.Abort(request.Id, 1);
                }
                else
                {
                    Assert.Equal(MockText.Of(request, TestEngine.VocabularySize, 160), (await engine.AnswerAsync(request)).Tokens);
                }
            }
        })));
        await engine.IdleAsync();

        Assert.Equal((0, 0, 0), (engine.Engine.Load.NumUsedBlocks, engine.Engine.Load.NumRunning, engine.Engine.Load.NumWaiting));
        Assert.Empty(engine.Listener.Faults);
    }
}
