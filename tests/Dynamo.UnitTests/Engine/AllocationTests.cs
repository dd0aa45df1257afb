using Dynamo.Engine.Configuration;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Loop;
using Dynamo.Engine.Mock;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Requests;
using Dynamo.UnitTests.Engine.Support;
using Xunit;
using static Dynamo.UnitTests.Engine.Support.TestRequests;

namespace Dynamo.UnitTests.Engine;

/// <summary>A step allocates nothing managed, to the byte; what somebody asked for (an event, log-probabilities) is all that may cost.</summary>
public sealed class AllocationTests : IEngineListener
{
    private readonly long[] _allocated = new long[1000];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _numSteps;
    private int _numEvents;
    private int _numOutputs;

    public static TheoryData<string> Kinds => ["greedy", "sampled", "penalised"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Step_SixteenSequencesDecode_AllocatesNothing(string kind)
    {
        using LoopDriver driver = Decoding(Sampling(kind), prefixCaching: false);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            driver.Step();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(16 * 100, _numOutputs);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Step_WithPrefixCaching_AllocatesOnlyForEvents(string kind)
    {
        // What the runtime itself makes at the first pass through a path is no step's.
        using (LoopDriver first = Decoding(Sampling(kind), prefixCaching: true))
        {
            for (int i = 0; i < 100; i++)
            {
                first.Step();
            }
        }

        using LoopDriver driver = Decoding(Sampling(kind), prefixCaching: true);
        int numStepsWithEvents = 0;
        for (int i = 0; i < 100; i++)
        {
            int numEvents = _numEvents;
            long before = GC.GetAllocatedBytesForCurrentThread();
            driver.Step();
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

            // An event: the object and its array of blocks.
            numStepsWithEvents += _numEvents > numEvents ? 1 : 0;
            Assert.InRange(allocated, 0, 300 * (_numEvents - numEvents));
        }

        // From 67 to 167 computed tokens each of them filled three blocks of 32, all in the same steps.
        Assert.Equal(3, numStepsWithEvents);
    }

    [Fact]
    public void Step_OneAskedForLogprobs_TheOthersStillCostNothing()
    {
        using LoopDriver driver = Decoding(Sampling("sampled"), prefixCaching: false, numSequences: 15);
        driver.Submit(Of(100, Prompt(4), Greedy with { MaxTokens = 200, NumLogprobs = 1 }));
        driver.Step();
        driver.Step();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 50; i++)
        {
            driver.Step();
        }

        // Its array of one candidate in each step, and nothing else.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 50 * 24, 50 * 48);
    }

    [Fact]
    public async Task Run_EngineOnItsOwnThread_AllocatesNothingBetweenTwoSteps()
    {
        EngineConfig config = TestEngine.Config with { BlockSize = 32, NumBlocks = 200, MaxBatchedTokens = 512, EnablePrefixCaching = false };
        StepGate gate = new();
        MockModelConfig model = new() { BeforeStep = gate.BeforeStep };
        ModelLoadOptions options = new() { ModelPath = "mock" };
        await using (LlmEngine engine = new(config, new MockModelRunnerFactory(model), options, this, null, TimeProvider.System))
        {
            engine.Start();
            await _ready.Task.WaitAsync(TimeSpan.FromSeconds(60));
            for (int id = 0; id < 16; id++)
            {
                Assert.Equal(SubmitResult.Accepted, engine.Submit(Of(id, Prompt(5), Sampling("sampled") with { Seed = (ulong)id }), null));
            }

            gate.Open();
            await _ended.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }

        // From the end of one step's outputs to the end of the next: all 16 decode, and nothing is made.
        Assert.Equal(new long[100], Enumerable.Range(0, 100).Select(i => _allocated[61 + i] - _allocated[60 + i]));
    }

    void IEngineListener.OnReady(ModelShape shape, StepLimits limits, int numBlocks, string numericsClass) => _ready.SetResult();

    void IEngineListener.OnOutputs(ReadOnlySpan<SequenceOutput> outputs)
    {
        _numOutputs += outputs.Length;
        _allocated[_numSteps++] = GC.GetAllocatedBytesForCurrentThread();
        if (outputs[0].FinishReason != FinishReason.None)
        {
            _ended.TrySetResult();
        }
    }

    void IEngineListener.OnKVEvent(KVEvent kvEvent) => _numEvents++;

    void IEngineListener.OnStopped(Exception? failure) => _ended.TrySetResult();

    private static SamplingParameters Sampling(string kind) => kind switch
    {
        "greedy" => Greedy with { MaxTokens = 200 },
        "sampled" => new SamplingParameters { MaxTokens = 200, Temperature = 0.8f, TopP = 0.9f, TopK = 20, MinP = 0.01f },

        // Four tokens, so that the counts of all are there soon.
        "penalised" => new SamplingParameters
        {
            MaxTokens = 200,
            Temperature = 2,
            FrequencyPenalty = 0.2f,
            PresencePenalty = 0.1f,
            RepetitionPenalty = 1.1f,
            AllowedTokenIds = [1, 2, 3, 4],
        },
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    // Past the prompts, and past everything that is made once.
    private LoopDriver Decoding(SamplingParameters sampling, bool prefixCaching, int numSequences = 16)
    {
        LoopDriver driver = new(numBlocks: 200, blockSize: 32, maxBatchedTokens: 512, prefixCaching: prefixCaching, listener: this);
        for (int id = 0; id < numSequences; id++)
        {
            driver.Submit(Of(id, [.. Prompt(4), id + 20, 1, 2, 3, 4], sampling with { Seed = (ulong)id }));
        }

        for (int i = 0; i < 60; i++)
        {
            driver.Step();
        }

        _numOutputs = 0;
        return driver;
    }
}
