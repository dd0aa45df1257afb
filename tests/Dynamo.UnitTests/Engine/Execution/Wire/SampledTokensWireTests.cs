using System.Buffers;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Execution.Wire;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Wire;
using Xunit;

namespace Dynamo.UnitTests.Engine.Execution.Wire;

public sealed class SampledTokensWireTests
{
    private static readonly StepLimits Limits = new() { MaxBatchedTokens = 256, MaxNumSequences = 256, MaxLogitRows = 256, MaxModelLength = 64, BlockSize = 16 };
    private readonly SampledTokensWriter _writer = new();
    private readonly SampledTokensReader _reader = new(Limits, vocabularySize: 151_936);
    private readonly ArrayBufferWriter<byte> _bytes = new(4096);

    [Fact]
    public void TokensNoTokensAndLogprobs_ComeBackAsTheyWere()
    {
        TokenLogprobs logprobs = new(-1.5f, [new TokenLogprob(3, -0.25f), new TokenLogprob(151_935, float.NegativeInfinity)]);
        SampledToken[] sampled = [new(0, null), new(null, null), new(151_935, logprobs), new(5, new TokenLogprobs(-2, []))];

        SampledToken[] read = Send(sampled);

        Assert.Equal(sampled.Select(static token => token.TokenId), read.Select(static token => token.TokenId));
        Assert.Equal([null, null, -1.5f, -2], read.Select(static token => token.Logprobs?.Chosen));
        Assert.Equal(logprobs.Top, read[2].Logprobs!.Value.Top);
        Assert.Empty(read[3].Logprobs!.Value.Top);
    }

    [Fact]
    public void AnswerOfDecode_TakesTheTokensAndTwoBytes()
    {
        Send([new SampledToken(100, null)]);
        Assert.Equal(3, _bytes.WrittenCount);

        Send([.. Enumerable.Repeat(new SampledToken(151_935, null), 256)]);
        Assert.Equal(2 + (256 * 3), _bytes.WrittenCount);
    }

    [Fact]
    public void Answers_AllocateNothing()
    {
        SampledToken[] sampled = [.. Enumerable.Repeat(new SampledToken(151_935, null), 256)];
        Send(sampled);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 300; i++)
        {
            _bytes.ResetWrittenCount();
            _writer.Write(sampled, _bytes);
            _reader.Read(_bytes.WrittenSpan, sampled.Length);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData("20 01 00", "an answer in version 2; this build reads version 1")]
    [InlineData("12 01 00", "answer flags 2")]
    [InlineData("10 02 00", "answer 2 (modulo 256) where 1 belongs: 1 were lost")]
    [InlineData("10 01", "1 bytes wanted, 0 left")]
    [InlineData("10 01 81 A3 09", "token + 1 151937, which must be below 151937")]
    [InlineData("10 01 01 00", "1 bytes behind the end")]
    [InlineData("11 01 01 02", "2 where 0 or 1 belongs")]
    [InlineData("11 01 01 01 00 00 C0 7F 00", "a log-probability of NaN and 0 more")]
    [InlineData("11 01 01 01 00 00 00 BF 01 80 A3 09 00 00 00 BF", "for token 151936; the vocabulary has 151936")]
    public void AnswerThatIsWrong_SaysWhatAndTheLimit(string hex, string expected)
    {
        byte[] bytes = Convert.FromHexString(hex.Replace(" ", ""));

        Assert.Contains(expected, Assert.Throws<WireFormatException>(() => _reader.Read(bytes, 1).Length).Message);
        Assert.Throws<InvalidOperationException>(() => _reader.Read(bytes, 1).Length);
    }

    [Fact]
    public void AnswerWithMoreLogprobsThanAnybodyMayAskFor_IsRefused()
    {
        _writer.Write([new SampledToken(1, new TokenLogprobs(-1, [.. Enumerable.Repeat(new TokenLogprob(1, -1), 21)]))], _bytes);

        Assert.Contains("21 more, of which there may be 20", Assert.Throws<WireFormatException>(() => _reader.Read(_bytes.WrittenSpan, 1).Length).Message);
    }

    private SampledToken[] Send(SampledToken[] sampled)
    {
        _bytes.ResetWrittenCount();
        _writer.Write(sampled, _bytes);
        return _reader.Read(_bytes.WrittenSpan, sampled.Length).ToArray();
    }
}
