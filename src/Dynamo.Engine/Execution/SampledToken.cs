using Dynamo.Protocol.Frames;

namespace Dynamo.Engine.Execution;

/// <summary>What a step chose for one row of logits.</summary>
/// <param name="TokenId">
/// The token, or <see langword="null"/> when there was none to choose: a NaN or infinite logit, or nothing left after the masks.
/// </param>
/// <param name="Logprobs">Log-probabilities when the sequence asked for them and has a token.</param>
public readonly record struct SampledToken(int? TokenId, TokenLogprobs? Logprobs);
