using System.Buffers;
using Dynamo.Frontend.Requests;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;
using Dynamo.Serving.Streams;
using Dynamo.Text.Tokenizers;

namespace Dynamo.Frontend.Generation;

/// <summary>
/// One answer in the making: turns tokens into text, looks for its end, keeps what was not yet sent. One thread at a time; the reader of the
/// sequence and the writer of the response take turns under its lock.
/// </summary>
internal sealed class Choice
{
    private readonly SamplingParameters _sampling;
    private readonly TextRules _rules;
    private readonly IncrementalDetokenizer _detokenizer;
    private readonly StopStringMatcher _matcher;
    private readonly int _numSent;
    private readonly bool _keepsTokenIds;
    private int _textLength;
    private int _numFirstTokens;

    /// <summary>Creates the state of a sequence that has generated nothing.</summary>
    /// <param name="index">Its place among the choices of the response.</param>
    /// <param name="plan">The request.</param>
    /// <param name="prompt">Its prompt.</param>
    /// <param name="sampling">Its parameters.</param>
    /// <param name="numSent">Tokens whose text the client has from another frontend, or <see langword="null"/> when it has nothing.</param>
    public Choice(int index, GenerationPlan plan, Prompt prompt, SamplingParameters sampling, int? numSent = null)
    {
        Index = index;
        _numSent = numSent ?? 0;
        _sampling = sampling;
        _rules = plan.Rules;
        int[] tail = Tail(prompt.TokenIds);
        _detokenizer = new IncrementalDetokenizer(plan.Text.Tokenizer, tail, _rules.SkipSpecialTokens);
        _matcher = new StopStringMatcher(_rules.StopStrings, _rules.IncludeStop);
        Echo = prompt.Echo ?? "";
        _keepsTokenIds = plan.ReturnTokenIds;
    }

    /// <summary>Guards everything below.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Place among the choices of the response.</summary>
    public int Index { get; }

    /// <summary>The prompt's text, when the answer begins with it; empty otherwise.</summary>
    public string Echo { get; }

    /// <summary>Text behind it that was not yet sent.</summary>
    public ArrayBufferWriter<char> Text { get; } = new();

    /// <summary>Tokens that were not yet sent, when log-probabilities were asked for.</summary>
    public List<GeneratedToken> Tokens { get; } = [];

    /// <summary>Tokens that were not yet sent, when they themselves were asked for.</summary>
    public List<int> TokenIds { get; } = [];

    /// <summary>Whether there is anything that was not yet sent, apart from an end.</summary>
    public bool HasUnsent => Text.WrittenCount > 0 || Tokens.Count > 0 || TokenIds.Count > 0;

    /// <summary>Tokens generated, up to and with the one that ended the answer.</summary>
    public int NumTokens { get; private set; }

    /// <summary>Prompt tokens that came from the prefix cache.</summary>
    public int NumCachedTokens { get; private set; }

    /// <summary>The first worker that accepted its sequence.</summary>
    public RouteInfo? Route { get; set; }

    /// <summary>From the request's arrival to its first token.</summary>
    public TimeSpan? FirstTokenAfter { get; private set; }

    /// <summary>From the request's arrival to its last token.</summary>
    public TimeSpan? EndAfter { get; private set; }

    /// <summary>Time for a token after the first ones, on average, once the answer has ended; <see langword="null"/> when all came at once.</summary>
    public TimeSpan? PerToken => EndAfter - FirstTokenAfter is { } time && NumTokens > _numFirstTokens ? time / (NumTokens - _numFirstTokens) : null;

    /// <summary>Why the answer ended; <see cref="FinishReason.None"/> while it goes on.</summary>
    public FinishReason FinishReason { get; private set; }

    /// <summary>Whether the answer ended as it should.</summary>
    public bool IsComplete => FinishReason is FinishReason.Stop or FinishReason.Length;

    /// <summary>Whether the answer ended otherwise.</summary>
    public bool HasFailed => FinishReason is FinishReason.Error or FinishReason.Aborted;

    /// <summary>The stop string that ended the answer.</summary>
    public string? StopString => _matcher.Matched;

    /// <summary>The token of <c>stop_token_ids</c> that ended the answer.</summary>
    public int? StopToken { get; private set; }

    /// <summary>What the engine said when it failed.</summary>
    public string? Error { get; private set; }

    /// <summary>Takes news of the sequence.</summary>
    /// <returns>Tokens that count: those behind a stop string do not.</returns>
    public int Accept(SequenceDelta delta)
    {
        if (FinishReason != FinishReason.None)
        {
            return 0;
        }

        int before = NumTokens;
        NumCachedTokens = Math.Max(NumCachedTokens, delta.NumCachedTokens);
        for (int i = 0; i < delta.TokenIds.Count && FinishReason == FinishReason.None; i++)
        {
            if (NumTokens == _numSent)
            {
                DropUnsent();
            }

            Append(delta.TokenIds[i], i < delta.Logprobs.Count ? delta.Logprobs[i] : null);
        }

        if (FinishReason == FinishReason.None && delta.FinishReason != FinishReason.None)
        {
            Finish(delta.FinishReason, delta.Error);
        }

        if (NumTokens <= _numSent)
        {
            DropUnsent();
        }

        return NumTokens - before;
    }

    /// <summary>Notes when news came.</summary>
    /// <param name="elapsed">Since the request's arrival.</param>
    public void Time(TimeSpan elapsed)
    {
        if (FirstTokenAfter is null && NumTokens > 0)
        {
            (FirstTokenAfter, _numFirstTokens) = (elapsed, NumTokens);
        }

        EndAfter ??= FinishReason != FinishReason.None ? elapsed : null;
    }

    /// <summary>What there was has been sent.</summary>
    public void ClearUnsent()
    {
        Text.ResetWrittenCount();
        Tokens.Clear();
        TokenIds.Clear();
    }

    /// <summary>The client has all of it, its end included.</summary>
    public void MarkSent()
    {
        NumTokens = _numSent;
        FinishReason = FinishReason.Stop;
    }

    /// <summary>Ends the answer as failed, unless it is over.</summary>
    public void Fail(string error)
    {
        if (FinishReason == FinishReason.None)
        {
            FinishReason = FinishReason.Error;
            Error = error;
        }
    }

    private void DropUnsent()
    {
        if (_numSent > 0)
        {
            ClearUnsent();
        }
    }

    private void Append(int token, TokenLogprobs? logprobs)
    {
        NumTokens++;
        int offset = _textLength;
        if (!EndsSequence(token) || _rules.IncludeStop)
        {
            string piece = _detokenizer.Append(token);
            _textLength += CountCharacters(piece);

            // As in vLLM, a stop string counts once the answer is longer than min_tokens.
            Text.Write(_matcher.Append(piece, mayStop: NumTokens > _sampling.MinTokens));
        }

        if (logprobs is { } values)
        {
            Tokens.Add(new GeneratedToken(token, offset, values));
        }

        if (_keepsTokenIds)
        {
            TokenIds.Add(token);
        }

        if (_matcher.Matched is not null)
        {
            FinishReason = FinishReason.Stop;
        }
    }

    private void Finish(FinishReason reason, string? error)
    {
        Text.Write(_matcher.Append(_detokenizer.Flush()));
        Text.Write(_matcher.Flush());
        (FinishReason, Error) = _matcher.Matched is not null ? (FinishReason.Stop, null) : (reason, error);
    }

    // Such a token is always the last: its text is no part of the answer.
    private bool EndsSequence(int token)
    {
        if (Contains(_sampling.StopTokenIds, token))
        {
            StopToken = token;
            return true;
        }

        return !_sampling.IgnoreEos && Contains(_sampling.EosTokenIds, token);
    }

    private static bool Contains(IReadOnlyList<int> tokens, int token)
    {
        for (int i = 0; i < tokens.Count; i++)
        {
            if (tokens[i] == token)
            {
                return true;
            }
        }

        return false;
    }

    private static int CountCharacters(string text)
    {
        int count = text.Length;
        for (int i = 0; i < text.Length; i++)
        {
            count -= char.IsLowSurrogate(text[i]) ? 1 : 0;
        }

        return count;
    }

    // A character that the prompt leaves open has at most three bytes there, so at most three tokens; the rest is room for ids without text.
    private static int[] Tail(IReadOnlyList<int> prompt)
    {
        const int enough = 16;
        int[] tail = new int[Math.Min(enough, prompt.Count)];
        for (int i = 0; i < tail.Length; i++)
        {
            tail[i] = prompt[prompt.Count - tail.Length + i];
        }

        return tail;
    }
}

/// <summary>A token with its log-probabilities.</summary>
/// <param name="Id">The token.</param>
/// <param name="TextOffset">Characters (Unicode code points) of generated text before it.</param>
/// <param name="Logprobs">Its log-probabilities and the best alternatives.</param>
internal readonly record struct GeneratedToken(int Id, int TextOffset, TokenLogprobs Logprobs);
