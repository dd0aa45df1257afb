namespace Dynamo.Protocol.Requests;

/// <summary>One rule that a request breaks.</summary>
/// <param name="Parameter">Name as the HTTP surface spells it, for example <c>top_p</c>.</param>
/// <param name="Message">What was given and what is allowed.</param>
public readonly record struct ParameterFault(string Parameter, string Message);

/// <summary>Checks ranges once for every way in: HTTP, the Orleans client, a submit from another silo.</summary>
public static class SamplingParametersValidator
{
    /// <summary>Most entries of <see cref="SamplingParameters.LogitBias"/>; OpenAI's and vLLM's bodies stay far below.</summary>
    public const int MaxLogitBias = 1024;

    /// <summary>Most stop tokens, and most end-of-sequence tokens.</summary>
    public const int MaxStopTokens = 256;

    /// <summary>Most entries of <see cref="SamplingParameters.BadWords"/>.</summary>
    public const int MaxBadWords = 512;

    /// <summary>Most tokens of one of them.</summary>
    public const int MaxBadWordTokens = 1024;

    /// <summary>Most alternatives in <see cref="SamplingParameters.NumLogprobs"/>, OpenAI's limit.</summary>
    public const int MaxLogprobs = 20;

    /// <summary>Returns the first rule broken, or <see langword="null"/>.</summary>
    /// <param name="p">The parameters.</param>
    /// <param name="vocabularySize">Token ids must be below this.</param>
    public static ParameterFault? FirstFault(SamplingParameters p, int vocabularySize) =>
        Within("temperature", p.Temperature, 0, 2)
        ?? Within("top_p", p.TopP, 0, 1, lowIsOpen: true)
        ?? AtLeast("top_k", p.TopK, 0)
        ?? Within("min_p", p.MinP, 0, 1)
        ?? Within("repetition_penalty", p.RepetitionPenalty, 0, 2, lowIsOpen: true)
        ?? Within("frequency_penalty", p.FrequencyPenalty, -2, 2)
        ?? Within("presence_penalty", p.PresencePenalty, -2, 2)
        ?? AtLeast("max_tokens", p.MaxTokens, 1)
        ?? AtLeast("min_tokens", p.MinTokens, 0)
        ?? (p.MinTokens > p.MaxTokens ? Fault("min_tokens", $"min_tokens {p.MinTokens} is more than max_tokens {p.MaxTokens}.") : null)
        ?? (p.NumLogprobs is < 0 or > MaxLogprobs ? Fault("top_logprobs", $"top_logprobs must be 0 to {MaxLogprobs}, is {p.NumLogprobs}.") : null)
        ?? Biases(p, vocabularySize)
        ?? Tokens("stop_token_ids", p.StopTokenIds, vocabularySize, MaxStopTokens)
        ?? Tokens("eos_token_id", p.EosTokenIds, vocabularySize, MaxStopTokens)
        ?? (p.AllowedTokenIds is null ? null
            : p.AllowedTokenIds.Count == 0 ? Fault("allowed_token_ids", "allowed_token_ids must not be empty.")
            : Tokens("allowed_token_ids", p.AllowedTokenIds, vocabularySize, vocabularySize))
        ?? BadWords(p, vocabularySize)
        ?? NoToken(p, vocabularySize);

    private static ParameterFault? Fault(string name, string message) => new ParameterFault(name, message);

    private static ParameterFault? Within(string name, float value, float low, float high, bool lowIsOpen = false) =>
        value >= low && value <= high && !(lowIsOpen && value == low)
            ? null
            : new ParameterFault(name, $"{name} must be {(lowIsOpen ? "more than" : "at least")} {low} and at most {high}, is {value}.");

    private static ParameterFault? AtLeast(string name, int value, int low) =>
        value >= low ? null : new ParameterFault(name, $"{name} must be at least {low}, is {value}.");

    private static ParameterFault? Biases(SamplingParameters p, int vocabularySize)
    {
        if (p.LogitBias.Count > MaxLogitBias)
        {
            return new ParameterFault("logit_bias", $"logit_bias may name at most {MaxLogitBias} tokens, names {p.LogitBias.Count}.");
        }

        foreach (LogitBias bias in p.LogitBias)
        {
            if (bias.TokenId < 0 || bias.TokenId >= vocabularySize)
            {
                return new ParameterFault("logit_bias", $"logit_bias names token {bias.TokenId}; the vocabulary has {vocabularySize}.");
            }

            if (!(bias.Bias >= -100 && bias.Bias <= 100))
            {
                return new ParameterFault("logit_bias", $"logit_bias of token {bias.TokenId} must be -100 to 100, is {bias.Bias}.");
            }
        }

        return null;
    }

    private static ParameterFault? BadWords(SamplingParameters p, int vocabularySize)
    {
        if (p.BadWords.Count > MaxBadWords)
        {
            return new ParameterFault("bad_words", $"bad_words may name at most {MaxBadWords} rows of tokens, names {p.BadWords.Count}.");
        }

        foreach (IReadOnlyList<int> word in p.BadWords)
        {
            if ((word.Count == 0 ? Fault("bad_words", "bad_words has a word without tokens.") : Tokens("bad_words", word, vocabularySize, MaxBadWordTokens)) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    // A sequence can always go on when one token is left that nothing ever forbids; otherwise it might come to a step without any to choose.
    private static ParameterFault? NoToken(SamplingParameters p, int vocabularySize)
    {
        int mostForbidden = p.BadWords.Count + (p.MinTokens > 0 ? p.StopTokenIds.Count + p.EosTokenIds.Count : 0);
        if (mostForbidden < (p.AllowedTokenIds?.Count ?? vocabularySize))
        {
            return null;
        }

        HashSet<int> forbidden = [.. p.BadWords.Select(static word => word[^1])];
        if (p.MinTokens > 0)
        {
            forbidden.UnionWith(p.StopTokenIds);
            forbidden.UnionWith(p.EosTokenIds);
        }

        if (p.AllowedTokenIds is { } allowed ? !allowed.All(forbidden.Contains) : forbidden.Count < vocabularySize)
        {
            return null;
        }

        string name = p.AllowedTokenIds is not null ? "allowed_token_ids" : p.BadWords.Count > 0 ? "bad_words" : "min_tokens";
        string reason = p.MinTokens == 0 ? "end a bad word"
            : $"end {(p.BadWords.Count > 0 ? "a bad word or " : "")}the sequence, which min_tokens {p.MinTokens} forbids";
        return new ParameterFault(name, $"{name} may leave no token to choose: all {(p.AllowedTokenIds is null ? "tokens" : "of them")} {reason}.");
    }

    private static ParameterFault? Tokens(string name, IReadOnlyList<int> ids, int vocabularySize, int most)
    {
        if (ids.Count > most)
        {
            return new ParameterFault(name, $"{name} may name at most {most} tokens, names {ids.Count}.");
        }

        foreach (int id in ids)
        {
            if (id < 0 || id >= vocabularySize)
            {
                return new ParameterFault(name, $"{name} names token {id}; the vocabulary has {vocabularySize}.");
            }
        }

        return null;
    }
}
