using System.Runtime.InteropServices;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;

namespace Dynamo.Engine.Sampling;

/// <summary>
/// Chooses one sequence's tokens: a pure function of logits, parameters, tokens so far, seed and position. What it keeps between calls only
/// saves counting the tokens again, so a sequence that moved or was preempted goes on with the very same tokens.
/// </summary>
/// <remarks>
/// Order as in vLLM: allowed tokens, bad words, bias and minimum length; repetition, then frequency and presence penalties; temperature; min-p;
/// top-k; top-p; draw. Log-probabilities are of the untouched logits. Not thread-safe.
/// </remarks>
internal sealed class SequenceSampler
{
    // Below this vLLM samples greedily too (_SAMPLING_EPS in v1/sample/sampler.py); its inverse would overflow further down.
    private const float MinTemperature = 1e-5f;

    private readonly SamplingParameters _parameters;
    private readonly int[]? _allowed;
    private readonly BadWords? _badWords;
    private readonly Dictionary<int, int>? _outputCounts;
    private readonly HashSet<int>? _seen;
    private int _numOutputTokens;

    /// <summary>Counts what the sequence already has.</summary>
    /// <param name="parameters">Validated parameters.</param>
    /// <param name="tokens">Prompt and output so far.</param>
    /// <param name="numPromptTokens">How many of them are prompt.</param>
    public SequenceSampler(SamplingParameters parameters, ReadOnlySpan<int> tokens, int numPromptTokens)
    {
        _parameters = parameters;
        _allowed = parameters.AllowedTokenIds is { } allowed ? Ascending(allowed) : null;
        _badWords = parameters.BadWords.Count > 0 ? new BadWords(parameters.BadWords) : null;
        _outputCounts = parameters.FrequencyPenalty != 0 || parameters.PresencePenalty != 0 ? [] : null;
        _seen = parameters.RepetitionPenalty != 1 ? [] : null;
        for (int i = 0; _seen is not null && i < numPromptTokens; i++)
        {
            _seen.Add(tokens[i]);
        }

        for (int i = numPromptTokens; i < tokens.Length; i++)
        {
            OnAppended(tokens[i]);
        }
    }

    /// <summary>Counts a token of the output.</summary>
    public void OnAppended(int token)
    {
        _numOutputTokens++;
        _seen?.Add(token);
        _badWords?.OnAppended(token);
        if (_outputCounts is not null)
        {
            CollectionsMarshal.GetValueRefOrAddDefault(_outputCounts, token, out _)++;
        }
    }

    /// <summary>Chooses the token at the next output position.</summary>
    /// <param name="logits">One row, [vocabulary]; changed.</param>
    /// <param name="scratch">Buffers shared by the sequences of an engine.</param>
    /// <param name="logprobs">Set when the parameters ask for it.</param>
    /// <returns>
    /// The token, or <see langword="null"/> when there is none to choose: a NaN or infinite logit, or nothing left after the masks.
    /// </returns>
    public int? Sample(Span<float> logits, SamplingScratch scratch, out TokenLogprobs? logprobs)
    {
        logprobs = null;
        float rawMax = VectorMath.Max(logits);
        if (!float.IsFinite(rawMax))
        {
            return null;
        }

        if (_parameters.NumLogprobs is not null)
        {
            logits.CopyTo(scratch.RawLogits);
        }

        float max = ApplyMasks(logits) | ApplyPenalties(logits) ? VectorMath.Max(logits) : rawMax;
        if (!float.IsFinite(max))
        {
            return null;
        }

        int token = _parameters.Temperature < MinTemperature
            ? VectorMath.IndexOf(logits, max)
            : CategoricalDraw.Draw(logits, max, _parameters, Philox.Uniform(_parameters.Seed, (ulong)_numOutputTokens), scratch);
        if (_parameters.NumLogprobs is { } numTop)
        {
            logprobs = Logprobs.Of(scratch.RawLogits, rawMax, token, numTop);
        }

        return token;
    }

    // They ascend as a rule, and a list may be as long as the vocabulary: the engine thread does not sort it again.
    private static int[] Ascending(IReadOnlyList<int> tokens)
    {
        int[] all = [.. tokens];
        for (int i = 1; i < all.Length; i++)
        {
            if (all[i] <= all[i - 1])
            {
                return [.. all.Distinct().Order()];
            }
        }

        return all;
    }

    private bool ApplyMasks(Span<float> logits)
    {
        bool changed = false;
        if (_allowed is not null)
        {
            KeepOnly(logits, _allowed);
            changed = true;
        }

        if (_badWords is not null)
        {
            _badWords.Mask(logits);
            changed = true;
        }

        for (int i = 0; i < _parameters.LogitBias.Count; i++)
        {
            LogitBias bias = _parameters.LogitBias[i];
            logits[bias.TokenId] += bias.Bias;
            changed = true;
        }

        // Whether or not an end-of-sequence token would end it, as in vLLM (_all_stop_token_ids in sampling_params.py).
        if (_numOutputTokens < _parameters.MinTokens)
        {
            changed |= Mask(logits, _parameters.StopTokenIds) | Mask(logits, _parameters.EosTokenIds);
        }

        return changed;
    }

    private bool ApplyPenalties(Span<float> logits)
    {
        if (_seen is not null)
        {
            float penalty = _parameters.RepetitionPenalty;
            foreach (int token in _seen)
            {
                ref float logit = ref logits[token];

                // However small the penalty is, the logit stays a number.
                logit = logit > 0 ? Math.Min(logit / penalty, float.MaxValue) : logit * penalty;
            }
        }

        if (_outputCounts is not null)
        {
            foreach ((int token, int count) in _outputCounts)
            {
                logits[token] -= (_parameters.FrequencyPenalty * count) + _parameters.PresencePenalty;
            }
        }

        return _seen is not null || _outputCounts is not null;
    }

    private static bool Mask(Span<float> logits, IReadOnlyList<int> tokens)
    {
        for (int i = 0; i < tokens.Count; i++)
        {
            logits[tokens[i]] = float.NegativeInfinity;
        }

        return tokens.Count > 0;
    }

    // Allowed ids ascend, so the gaps between them are runs.
    private static void KeepOnly(Span<float> logits, ReadOnlySpan<int> allowed)
    {
        int next = 0;
        foreach (int token in allowed)
        {
            logits[next..token].Fill(float.NegativeInfinity);
            next = token + 1;
        }

        logits[next..].Fill(float.NegativeInfinity);
    }
}
