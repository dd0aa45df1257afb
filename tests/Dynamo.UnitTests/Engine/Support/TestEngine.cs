using Dynamo.Engine.Configuration;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Loop;
using Dynamo.Engine.Mock;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Xunit;

namespace Dynamo.UnitTests.Engine.Support;

/// <summary>A whole engine on its own thread over the mock model.</summary>
internal sealed class TestEngine : IAsyncDisposable
{
    public const int VocabularySize = 64;

    public static readonly EngineConfig Config = new()
    {
        Worker = new WorkerId(9),
        Generation = 3,
        BlockSize = 8,
        NumBlocks = 64,
        MaxNumSequences = 16,
        MaxBatchedTokens = 64,
    };

    public TestEngine(EngineConfig? config = null, MockModelConfig? model = null, IModelRunnerFactory? factory = null)
    {
        factory ??= new MockModelRunnerFactory((model ?? new MockModelConfig()) with { VocabularySize = VocabularySize });
        Engine = new LlmEngine(config ?? Config, factory, new ModelLoadOptions { ModelPath = "mock" }, Listener, null, TimeProvider.System);
    }

    public LlmEngine Engine { get; }

    public RecordingListener Listener { get; } = new();

    public static async Task<TestEngine> StartAsync(EngineConfig? config = null, MockModelConfig? model = null)
    {
        TestEngine engine = new(config, model);
        engine.Engine.Start();
        await engine.Listener.Ready;
        return engine;
    }

    /// <summary>An engine that a gate holds before each step.</summary>
    public static Task<TestEngine> StartAsync(StepGate gate, EngineConfig? config = null) =>
        StartAsync(config, new MockModelConfig { BeforeStep = gate.BeforeStep });

    public Answer Submit(GenerationRequest request, object? tag = null)
    {
        Assert.Equal(SubmitResult.Accepted, Engine.Submit(request, tag));
        return Listener.Of(request);
    }

    public async Task<Answer> AnswerAsync(GenerationRequest request)
    {
        Answer answer = Submit(request);
        await answer.Ended;
        return answer;
    }

    /// <summary>Waits until the engine has taken all that was posted so far, and is idle.</summary>
    public async Task IdleAsync()
    {
        // One more sequence at the end of the queue; ended, it leaves an engine that has looked at everything before it.
        await AnswerAsync(new GenerationRequest
        {
            Id = RequestId.New(),
            Attempt = 1,
            TokenIds = [1],
            NumPromptTokens = 1,
            Sampling = TestRequests.Greedy with { MaxTokens = 1 },
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        Assert.Empty(Listener.Faults);
        Assert.Equal((0, 0, 0), (Engine.Load.NumRunning, Engine.Load.NumWaiting, Engine.Load.NumUsedBlocks));
    }
}
