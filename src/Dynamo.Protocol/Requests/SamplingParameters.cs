namespace Dynamo.Protocol.Requests;

/// <summary>
/// How the next token is chosen and when a sequence ends: vLLM's parameters under vLLM's names. Immutable, checked by <see cref="SamplingParametersValidator"/>.
/// </summary>
public sealed record SamplingParameters
{
    /// <summary>Temperature, 0 to 2; 0 is greedy.</summary>
    /// <value>Default 1.</value>
    public float Temperature { get; init; } = 1f;

    /// <summary>Nucleus: the smallest set of tokens whose probabilities sum to at least this, in (0, 1].</summary>
    /// <value>Default 1, off.</value>
    public float TopP { get; init; } = 1f;

    /// <summary>Only the K most probable tokens; 0 is off.</summary>
    /// <value>Default 0.</value>
    public int TopK { get; init; }

    /// <summary>Only tokens at least this times as probable as the best, 0 to 1; 0 is off.</summary>
    /// <value>Default 0.</value>
    public float MinP { get; init; }

    /// <summary>Divides positive and multiplies negative logits of tokens in prompt or output, in (0, 2].</summary>
    /// <value>Default 1, off.</value>
    public float RepetitionPenalty { get; init; } = 1f;

    /// <summary>Subtracted from a token's logit times its count in the output, -2 to 2.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Subtracted from a token's logit once when it is in the output, -2 to 2.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Added to the logits of these tokens, -100 to 100 each, ascending by token id.</summary>
    public IReadOnlyList<LogitBias> LogitBias { get; init; } = [];

    /// <summary>When not <see langword="null"/>, only these tokens may be chosen, ascending.</summary>
    public IReadOnlyList<int>? AllowedTokenIds { get; init; }

    /// <summary>Tokens in a row that the output must not have, none empty: the last of them is never chosen behind the others.</summary>
    public IReadOnlyList<IReadOnlyList<int>> BadWords { get; init; } = [];

    /// <summary>Seed of the counter-based generator; the frontend always fixes one, so that a moved request draws the same numbers.</summary>
    public ulong Seed { get; init; }

    /// <summary>Most tokens of output, at least 1.</summary>
    public int MaxTokens { get; init; } = 16;

    /// <summary>No end-of-sequence or stop token is chosen before this many tokens of output, whatever <see cref="IgnoreEos"/> says.</summary>
    public int MinTokens { get; init; }

    /// <summary>End-of-sequence tokens of the model; they end the sequence unless <see cref="IgnoreEos"/>.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>Tokens that end the sequence whatever <see cref="IgnoreEos"/> says.</summary>
    public IReadOnlyList<int> StopTokenIds { get; init; } = [];

    /// <summary>Go on after an end-of-sequence token.</summary>
    public bool IgnoreEos { get; init; }

    /// <summary>Log-probabilities of the chosen token and this many best ones, 0 to 20; <see langword="null"/> for none. Raw: before penalties and temperature.</summary>
    public int? NumLogprobs { get; init; }
}

/// <summary>A value added to one token's logit.</summary>
/// <param name="TokenId">The token.</param>
/// <param name="Bias">-100 to 100.</param>
public readonly record struct LogitBias(int TokenId, float Bias);
