using Dynamo.Engine.Configuration;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;
using Dynamo.UnitTests.Engine.Support;
using Xunit;
using static Dynamo.UnitTests.Engine.Support.TestRequests;

namespace Dynamo.UnitTests.Engine;

/// <summary>
/// A request's tokens are the same whatever happens around it. The mock model's text depends on every token read back through the block
/// tables, and <see cref="MockText"/> has neither blocks nor batches.
/// </summary>
public sealed class SameTextTests
{
    // Greedy, and sampled with everything that depends on tokens so far.
    private static readonly GenerationRequest[] Requests =
    [
        .. Enumerable.Range(0, 12).Select(static i => Of(
            i,
            [.. Prompt(20, first: 1 + (i % 3)), .. Prompt(1 + (5 * i), first: 2).Select(static t => t % 64)],
            i % 2 == 0
                ? Greedy with { MaxTokens = 40 }
                : new SamplingParameters
                {
                    MaxTokens = 40,
                    Seed = (ulong)i,
                    TopP = 0.95f,
                    RepetitionPenalty = 1.2f,
                    FrequencyPenalty = 0.3f,
                    PresencePenalty = 0.2f,
                    MinTokens = 5,
                    EosTokenIds = [7],
                })),
    ];

    [Fact]
    public async Task Answer_Alone_IsTheReferences()
    {
        await using TestEngine engine = await TestEngine.StartAsync();
        foreach (GenerationRequest request in Requests)
        {
            AssertSame(request, await engine.AnswerAsync(request));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(32)]
    [InlineData(512)]
    public async Task Answer_AnyChunkSize_IsTheReferences(int maxBatchedTokens)
    {
        // As many sequences as the budget allows, so that the smallest has one.
        EngineConfig config = TestEngine.Config with { MaxBatchedTokens = maxBatchedTokens, MaxNumSequences = Math.Min(16, maxBatchedTokens), NumBlocks = 300 };

        TestEngine engine = await AssertAllSame(config);

        Assert.Equal(0, engine.Engine.Load.NumPreemptions);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(256)]
    public Task Answer_AnyBlockSize_IsTheReferences(int blockSize) =>
        AssertAllSame(TestEngine.Config with { BlockSize = blockSize, NumBlocks = 2400 / blockSize });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Answer_PreemptedAndResumed_IsTheReferences(bool prefixCaching)
    {
        TestEngine engine = await AssertAllSame(TestEngine.Config with { NumBlocks = 18, EnablePrefixCaching = prefixCaching });

        Assert.InRange(engine.Engine.Load.NumPreemptions, 3, 1000);
    }

    [Fact]
    public async Task Answer_AfterPrefixHits_IsTheReferences()
    {
        await using TestEngine engine = await TestEngine.StartAsync(TestEngine.Config with { NumBlocks = 300 });
        foreach (GenerationRequest request in Requests.Concat(Requests.Select(static r => r with { Id = RequestId.New() })))
        {
            Answer answer = await engine.AnswerAsync(request);

            AssertSame(request, answer);
            Assert.True(Requests.Contains(request) || answer.NumCachedTokens == (request.NumPromptTokens - 1) / 8 * 8);
        }
    }

    [Fact]
    public async Task Answer_NeighboursAborted_IsTheReferences()
    {
        StepGate gate = new();
        await using TestEngine engine = await TestEngine.StartAsync(gate, TestEngine.Config with { NumBlocks = 40 });
        Answer[] answers = [.. Requests.Select(r => engine.Submit(r))];

        // Every other one leaves, each after another step; their blocks go to those who stay.
        for (int i = 0; i < Requests.Length; i += 2)
        {
            await gate.ArrivedAsync();
            engine.Engine.Abort(Requests[i].Id, 1);
            gate.Pass();
        }

        gate.Open();
        for (int i = 1; i < Requests.Length; i += 2)
        {
            await answers[i].Ended;
            AssertSame(Requests[i], answers[i]);
        }

        Assert.All(Requests.Where((_, i) => i % 2 == 0), r => Assert.Equal(FinishReason.None, engine.Listener.Of(r).FinishReason));
    }

    [Fact]
    public async Task Answer_MovedAfterAnyToken_GoesOnWithTheSameTokensAndPositions()
    {
        // To an engine with other blocks and chunks, which has never seen the request.
        await using TestEngine other = await TestEngine.StartAsync(TestEngine.Config with { BlockSize = 16, NumBlocks = 200, MaxBatchedTokens = 24 });
        foreach (GenerationRequest request in Requests)
        {
            List<int> text = MockText.Of(request, TestEngine.VocabularySize);
            for (int k = 0; k < text.Count; k += 3)
            {
                Answer answer = await other.AnswerAsync(Moved(request, text.Take(k)) with { Id = RequestId.New() });

                Assert.Equal(text[k..], answer.Tokens);
                Assert.Equal(Enumerable.Range(k, text.Count - k), answer.Positions);
                Assert.InRange(answer.NumCachedTokens, 0, request.NumPromptTokens);
            }
        }
    }

    private static void AssertSame(GenerationRequest request, Answer answer)
    {
        Assert.Equal(MockText.Of(request, TestEngine.VocabularySize), answer.Tokens);
        Assert.Equal(Enumerable.Range(0, answer.Tokens.Count), answer.Positions);
        Assert.Equal(answer.Tokens.Count == 40 ? FinishReason.Length : FinishReason.Stop, answer.FinishReason);
    }

    // All at once: the first step is held until every request is there.
    private static async Task<TestEngine> AssertAllSame(EngineConfig config)
    {
        StepGate gate = new();
        await using TestEngine engine = await TestEngine.StartAsync(gate, config);
        Answer[] answers = [.. Requests.Select(r => engine.Submit(r))];
        gate.Open();
        for (int i = 0; i < Requests.Length; i++)
        {
            await answers[i].Ended;
            AssertSame(Requests[i], answers[i]);
        }

        return engine;
    }
}
