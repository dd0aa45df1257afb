using Dynamo.Engine.Execution;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Requests;

namespace Dynamo.Engine.Loop;

/// <summary>Hears what an engine does. Every method runs on the engine thread, so it must be short and must not throw.</summary>
public interface IEngineListener
{
    /// <summary>The model is loaded, warmed up and takes requests.</summary>
    void OnReady(ModelShape shape, StepLimits limits, int numBlocks, string numericsClass);

    /// <summary>News of the sequences after a step, or of sequences that ended without one. The span is reused after the call.</summary>
    void OnOutputs(ReadOnlySpan<SequenceOutput> outputs);

    /// <summary>A change of the prefix cache, in order; worker and generation filled in.</summary>
    void OnKVEvent(KVEvent kvEvent);

    /// <summary>The engine has stopped for good; all its sequences have ended with an error before.</summary>
    void OnStopped(Exception? failure);
}

/// <summary>News of one sequence: at most one token and, when it ended, why.</summary>
public readonly record struct SequenceOutput
{
    /// <summary>Which sequence.</summary>
    public required RequestId Id { get; init; }

    /// <summary>Which dispatch.</summary>
    public required int Attempt { get; init; }

    /// <summary>What the caller of submit gave along, for example where to send tokens.</summary>
    public object? Tag { get; init; }

    /// <summary>Index of the token in the whole output, from 0; without a token, the number of tokens so far.</summary>
    public required int Position { get; init; }

    /// <summary>The new token, or <see langword="null"/> when only the end is told.</summary>
    public int? TokenId { get; init; }

    /// <summary>Log-probabilities when asked for.</summary>
    public TokenLogprobs? Logprobs { get; init; }

    /// <summary>Why it ended, or none.</summary>
    public FinishReason FinishReason { get; init; }

    /// <summary>Prompt tokens found in the prefix cache at first admission.</summary>
    public int NumCachedTokens { get; init; }

    /// <summary>What failed, with <see cref="FinishReason.Error"/>.</summary>
    public string? Error { get; init; }
}
