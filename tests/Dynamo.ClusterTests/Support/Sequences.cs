using Dynamo.Engine.Configuration;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Loop;
using Dynamo.Engine.Mock;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Serving.Streams;
using Xunit;

namespace Dynamo.ClusterTests.Support;

/// <summary>Prompts with their right answers.</summary>
internal static class Sequences
{
    /// <summary>A prompt of its own for each number, sampled with a seed.</summary>
    public static SequenceSpec Spec(int number, int maxTokens = 20) => new()
    {
        PromptTokenIds = [.. Enumerable.Range(0, 5 + (number % 30)).Select(i => ((number * 31) + (i * 7)) % 256)],
        Sampling = new SamplingParameters { Temperature = 0.8f, Seed = (ulong)number, MaxTokens = maxTokens, PresencePenalty = 0.5f },
    };

    /// <summary>Reads a stream to its end, checking that positions have neither gap nor repeat.</summary>
    public static async Task<(List<int> Tokens, SequenceDelta Last)> ReadAsync(ISequenceStream stream)
    {
        List<int> tokens = [];
        SequenceDelta? last = null;
        await foreach (SequenceDelta delta in stream.ReadAllAsync(CancellationToken.None))
        {
            Assert.Equal(tokens.Count, delta.Position);
            tokens.AddRange(delta.TokenIds);
            last = delta;
        }

        return (tokens, last!);
    }

    /// <summary>What an engine of its own says to this, without any cluster.</summary>
    public static async Task<List<int>> AnswerAsync(SequenceSpec spec)
    {
        Collector collector = new();
        EngineConfig config = new() { Worker = new WorkerId(1), Generation = 1, NumBlocks = 64, BlockSize = 8, MaxBatchedTokens = 256 };
        await using LlmEngine engine = new(config, new MockModelRunnerFactory(new MockModelConfig()), new ModelLoadOptions { ModelPath = "." }, collector, null, TimeProvider.System);
        engine.Start();
        await collector.Ready.Task;
        SubmitResult result = engine.Submit(
            new GenerationRequest
            {
                Id = RequestId.New(),
                Attempt = 1,
                TokenIds = spec.PromptTokenIds,
                NumPromptTokens = spec.PromptTokenIds.Count,
                Sampling = spec.Sampling,
            },
            null);
        Assert.Equal(SubmitStatus.Accepted, result.Status);
        await collector.Finished.Task;
        return collector.Tokens;
    }

    private sealed class Collector : IEngineListener
    {
        public TaskCompletionSource Ready { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Finished { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<int> Tokens { get; } = [];

        public void OnReady(ModelShape shape, StepLimits limits, int numBlocks, string numericsClass) => Ready.SetResult();

        public void OnOutputs(ReadOnlySpan<SequenceOutput> outputs)
        {
            foreach (SequenceOutput output in outputs)
            {
                if (output.TokenId is { } token)
                {
                    Tokens.Add(token);
                }

                if (output.FinishReason != FinishReason.None)
                {
                    Finished.TrySetResult();
                }
            }
        }

        public void OnKVEvent(KVEvent kvEvent)
        {
        }

        public void OnStopped(Exception? failure)
        {
            Ready.TrySetException(failure ?? new InvalidOperationException("stopped"));
        }
    }
}
