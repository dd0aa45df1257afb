using System.Collections;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;
using Dynamo.UnitTests.Engine.Support;
using Xunit;
using static Dynamo.UnitTests.Engine.Support.TestRequests;

namespace Dynamo.UnitTests.Engine;

public sealed class LlmEngineSubmitTests
{
    public static TheoryData<string, string, string> Invalid => new()
    {
        { "empty", "prompt", "at least 1 token" },
        { "no prompt", "prompt", "has 0" },
        { "more prompt than tokens", "prompt", "no more than are sent (3), has 4" },
        { "unknown token", "prompt", "Token 1 of the prompt is 64; the vocabulary has 64" },
        { "negative token", "prompt", "Token 0 of the prompt is -1" },
        { "as long as the model", "prompt", "The prompt has 32 tokens; this model's longest sequence is 32" },
        { "longer than the pool", "prompt", "The prompt has 1000 tokens" },
        { "output used up", "max_tokens", "max_tokens is 2 and 2 tokens of output are there already" },
        { "temperature", "temperature", "at most 2, is 3" },
        { "stop token", "stop_token_ids", "names token 64; the vocabulary has 64" },
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public async Task Submit_CanNeverRun_IsInvalidAndNamesTheParameter(string kind, string parameter, string message)
    {
        // Four blocks of eight, and no limit asked for: the longest sequence is what the pool holds.
        await using TestEngine engine = await TestEngine.StartAsync(TestEngine.Config with { NumBlocks = 4 });

        SubmitResult result = engine.Engine.Submit(Broken(kind), null);

        Assert.Equal((SubmitStatus.Invalid, parameter), (result.Status, result.Parameter));
        Assert.Contains(message, result.Message);
        Assert.Equal(0, engine.Engine.Load.NumWaiting);
    }

    [Fact]
    public async Task Submit_PromptOneShortOfThePool_RunsAndEndsByLength()
    {
        await using TestEngine engine = await TestEngine.StartAsync(TestEngine.Config with { NumBlocks = 4 });

        Answer answer = await engine.AnswerAsync(Of(1, Prompt(31)));

        Assert.Equal((FinishReason.Length, 1), (answer.FinishReason, answer.Tokens.Count));
    }

    [Fact]
    public async Task Submit_QueueFull_OverloadedUntilSomebodyLeaves()
    {
        StepGate gate = new();
        await using TestEngine engine = await TestEngine.StartAsync(gate, TestEngine.Config with { MaxNumSequences = 1, MaxWaiting = 2 });
        engine.Submit(Of(1, Prompt(3)));
        engine.Submit(Of(2, Prompt(3)));
        engine.Submit(Of(3, Prompt(3)));

        SubmitResult refused = engine.Engine.Submit(Of(4, Prompt(3)), null);
        Assert.Equal((SubmitStatus.Overloaded, "3 sequences are running or waiting; try again later."), (refused.Status, refused.Message));

        engine.Engine.Abort(Id(2), 1);
        Answer answer = engine.Submit(Of(4, Prompt(3)));
        gate.Open();
        await answer.Ended;
        Assert.Equal(FinishReason.Length, answer.FinishReason);
    }

    [Fact]
    public async Task Submit_SameAttemptAgain_IsADuplicateAndTheFirstGoesOn()
    {
        StepGate gate = new();
        await using TestEngine engine = await TestEngine.StartAsync(gate);
        GenerationRequest request = Of(1, Prompt(3)) with { Attempt = 2 };
        Answer answer = engine.Submit(request);

        Assert.Equal(SubmitStatus.Duplicate, engine.Engine.Submit(request, null).Status);
        Assert.Equal(SubmitStatus.Duplicate, engine.Engine.Submit(request with { Attempt = 1 }, null).Status);

        gate.Open();
        await answer.Ended;
        Assert.Equal(MockText.Of(request, TestEngine.VocabularySize), answer.Tokens);
    }

    [Fact]
    public async Task Submit_LaterAttempt_EndsTheOneBeforeWithoutAWord()
    {
        StepGate gate = new();
        await using TestEngine engine = await TestEngine.StartAsync(gate);
        GenerationRequest request = Of(1, Prompt(9));
        Answer first = engine.Submit(request);
        await gate.ArrivedAsync();
        gate.Pass();
        await gate.ArrivedAsync();

        Answer second = engine.Submit(Moved(request, first.Tokens));
        gate.Open();
        await second.Ended;
        await engine.IdleAsync();

        List<int> text = MockText.Of(request, TestEngine.VocabularySize);
        Assert.Equal(text[1..], second.Tokens);
        Assert.Equal(1, second.Positions[0]);
        Assert.Equal(FinishReason.None, first.FinishReason);
        Assert.InRange(first.Tokens.Count, 1, 2);
        Assert.Equal(0, engine.Engine.Load.NumUsedBlocks);
    }

    [Fact]
    public async Task Submit_TheEngineStopsMeanwhile_IsNotServingAndNothingIsLeftBehind()
    {
        TestEngine engine = await TestEngine.StartAsync();

        // The tokens are read between the look at the engine's state and the entry among its sequences.
        GenerationRequest request = Of(1, Prompt(1)) with { TokenIds = new TokensThatAct(() => engine.DisposeAsync().AsTask().Wait()) };
        SubmitResult result = engine.Engine.Submit(request, null);

        Assert.Equal((SubmitStatus.NotServing, "The engine has stopped."), (result.Status, result.Message));
        Assert.Equal((FinishReason.None, 0), (engine.Listener.Of(request).FinishReason, engine.Engine.Load.NumWaiting));
    }

    private static GenerationRequest Broken(string kind) => kind switch
    {
        "empty" => Of(1, []),
        "no prompt" => Of(1, Prompt(3)) with { NumPromptTokens = 0 },
        "more prompt than tokens" => Of(1, Prompt(3)) with { NumPromptTokens = 4 },
        "unknown token" => Of(1, [1, 64]),
        "negative token" => Of(1, [-1]),
        "as long as the model" => Of(1, Prompt(32)),
        "longer than the pool" => Of(1, new int[1000]),
        "output used up" => Moved(Of(1, Prompt(3), Greedy with { MaxTokens = 2 }), [4, 5]),
        "temperature" => Of(1, Prompt(3), Greedy with { Temperature = 3 }),
        "stop token" => Of(1, Prompt(3), Greedy with { StopTokenIds = [64] }),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    // One token; reading it does something else first.
    private sealed class TokensThatAct(Action onFirstRead) : IReadOnlyList<int>
    {
        private Action? _onFirstRead = onFirstRead;

        public int Count => 1;

        public int this[int index]
        {
            get
            {
                Interlocked.Exchange(ref _onFirstRead, null)?.Invoke();
                return 1;
            }
        }

        public IEnumerator<int> GetEnumerator() => Enumerable.Repeat(this[0], 1).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
