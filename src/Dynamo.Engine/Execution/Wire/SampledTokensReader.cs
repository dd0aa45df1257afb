using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Wire;

namespace Dynamo.Engine.Execution.Wire;

/// <summary>Reads what a <see cref="SampledTokensWriter"/> wrote. Believes nothing; allocates nothing but log-probabilities.</summary>
/// <remarks>Not thread-safe. After an exception it is dead, as a <see cref="StepPlanReader"/> is.</remarks>
/// <param name="limits">Limits of all plans.</param>
/// <param name="vocabularySize">Token ids are below this.</param>
public sealed class SampledTokensReader(StepLimits limits, int vocabularySize)
{
    private readonly SampledToken[] _sampled = new SampledToken[limits.MaxLogitRows];
    private long _number;
    private bool _isDead;

    /// <summary>Reads the next step's answer.</summary>
    /// <param name="bytes">One whole answer; not kept.</param>
    /// <param name="numLogits">Rows of logits that the step's plan asked for, 0 to <see cref="StepLimits.MaxLogitRows"/>.</param>
    /// <returns>One for each row; valid until the next call.</returns>
    /// <exception cref="WireFormatException">
    /// Not a whole answer of this version and within the limits, or not the one that follows the last: the message says what, which and the limit.
    /// </exception>
    /// <exception cref="InvalidOperationException">An earlier answer could not be read.</exception>
    public ReadOnlySpan<SampledToken> Read(ReadOnlySpan<byte> bytes, int numLogits)
    {
        if (_isDead)
        {
            throw new InvalidOperationException("An earlier answer could not be read; what follows it means nothing.");
        }

        _isDead = true;
        Span<SampledToken> sampled = _sampled.AsSpan(0, numLogits);
        WireReader reader = new(bytes);
        bool hasLogprobs = ReadHead(ref reader);
        for (int row = 0; row < sampled.Length; row++)
        {
            int next = reader.ReadBelow(vocabularySize + 1, "token + 1");
            sampled[row] = new SampledToken(next == 0 ? null : next - 1, null);
        }

        for (int row = 0; hasLogprobs && row < sampled.Length; row++)
        {
            if (reader.ReadBoolean())
            {
                sampled[row] = sampled[row] with { Logprobs = ReadLogprobs(ref reader) };
            }
        }

        reader.ExpectEnd();
        _isDead = false;
        return sampled;
    }

    private bool ReadHead(ref WireReader reader)
    {
        byte head = reader.ReadByte();
        if (head >> 4 != SampledTokensFormat.Version)
        {
            throw reader.Fault($"an answer in version {head >> 4}; this build reads version {SampledTokensFormat.Version}");
        }

        if ((head & 0xF) > 1)
        {
            throw reader.Fault($"answer flags {head & 0xF}");
        }

        byte number = reader.ReadByte();
        byte expected = (byte)(++_number);
        return number == expected
            ? (head & 1) == 1
            : throw reader.Fault($"answer {number} (modulo 256) where {expected} belongs: {(byte)(number - expected)} were lost, or {(byte)(expected - number)} come again");
    }

    private TokenLogprobs ReadLogprobs(ref WireReader reader)
    {
        TokenLogprobs logprobs = TokenLogprobsCodec.Read(ref reader);
        if (!IsLogprob(logprobs.Chosen) || logprobs.Top.Count > SamplingParametersValidator.MaxLogprobs)
        {
            throw reader.Fault($"a log-probability of {logprobs.Chosen} and {logprobs.Top.Count} more, of which there may be {SamplingParametersValidator.MaxLogprobs}");
        }

        for (int i = 0; i < logprobs.Top.Count; i++)
        {
            (int token, float logprob) = logprobs.Top[i];
            if ((uint)token >= (uint)vocabularySize || !IsLogprob(logprob))
            {
                throw reader.Fault($"a log-probability of {logprob} for token {(uint)token}; the vocabulary has {vocabularySize}");
            }
        }

        return logprobs;
    }

    // Minus infinity is one; rounding may put one a little above 0.
    private static bool IsLogprob(float value) => value < 1;
}
