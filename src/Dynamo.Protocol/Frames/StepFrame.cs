using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;

namespace Dynamo.Protocol.Frames;

/// <summary>
/// What one engine tells one frontend: the new tokens of all its streams since the last frame. Exactly one frame is in flight between a
/// worker and a frontend, so frames arrive in order; what happens meanwhile is coalesced into the next.
/// </summary>
public sealed record StepFrame
{
    /// <summary>The worker that speaks.</summary>
    public required WorkerId Worker { get; init; }

    /// <summary>Generation of the instance; frames of older ones are dropped and counted.</summary>
    public required long Generation { get; init; }

    /// <summary>Number of this frame on this (worker, frontend) pair, from 1 without gaps.</summary>
    public required long Number { get; init; }

    /// <summary>News of each stream; empty in an idle frame.</summary>
    public required IReadOnlyList<SequenceDelta> Deltas { get; init; }

    /// <summary>The worker's load as of this frame.</summary>
    public required LoadReport Load { get; init; }
}

/// <summary>New tokens of one sequence, in order, without gaps.</summary>
public sealed record SequenceDelta
{
    /// <summary>Which sequence.</summary>
    public required RequestId Id { get; init; }

    /// <summary>Which dispatch of it.</summary>
    public required int Attempt { get; init; }

    /// <summary>Index of the first of <see cref="TokenIds"/> in the whole output, from 0 (a moved request goes on counting).</summary>
    public required int Position { get; init; }

    /// <summary>The new tokens; may be empty when only the end is told.</summary>
    public required IReadOnlyList<int> TokenIds { get; init; }

    /// <summary>One entry for each of <see cref="TokenIds"/> when log-probabilities were asked for, else empty.</summary>
    public IReadOnlyList<TokenLogprobs> Logprobs { get; init; } = [];

    /// <summary>Why it ended, or <see cref="FinishReason.None"/>.</summary>
    public FinishReason FinishReason { get; init; }

    /// <summary>Tokens of the prompt that came from the prefix cache at first admission.</summary>
    public int NumCachedTokens { get; init; }

    /// <summary>What failed, when <see cref="FinishReason"/> is <see cref="FinishReason.Error"/>.</summary>
    public string? Error { get; init; }
}

/// <summary>Log-probabilities at one output position, before penalties, bias and temperature.</summary>
/// <param name="Chosen">Natural log of the chosen token's probability.</param>
/// <param name="Top">The best tokens, best first; ties by ascending id.</param>
public readonly record struct TokenLogprobs(float Chosen, IReadOnlyList<TokenLogprob> Top);

/// <summary>One candidate token.</summary>
/// <param name="TokenId">The token.</param>
/// <param name="Logprob">Natural log of its probability.</param>
public readonly record struct TokenLogprob(int TokenId, float Logprob);
