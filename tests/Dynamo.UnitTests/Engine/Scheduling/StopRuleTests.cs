using Dynamo.Engine.Scheduling;
using Dynamo.Protocol.Frames;
using Dynamo.Protocol.Requests;
using Dynamo.UnitTests.Engine.Support;
using Xunit;

namespace Dynamo.UnitTests.Engine.Scheduling;

public sealed class StopRuleTests
{
    private static readonly SamplingParameters Sampling = new() { EosTokenIds = [2, 3], StopTokenIds = [7], MaxTokens = 3 };

    [Theory]
    [InlineData(5, false, FinishReason.None)]
    [InlineData(2, false, FinishReason.Stop)]
    [InlineData(3, false, FinishReason.Stop)]
    [InlineData(7, false, FinishReason.Stop)]
    [InlineData(2, true, FinishReason.None)]
    [InlineData(7, true, FinishReason.Stop)]
    public void After_OneToken_StopsAtEosUnlessIgnoredAndAtStopTokensAlways(int token, bool ignoreEos, FinishReason expected) =>
        Assert.Equal(expected, After(Sampling with { IgnoreEos = ignoreEos }, maxModelLength: 100, token));

    [Theory]
    [InlineData(3, 100, FinishReason.Length)] // max_tokens
    [InlineData(4, 100, FinishReason.None)]
    [InlineData(9, 7, FinishReason.Length)] // A prompt of 4 and 3 of output fill a model of 7.
    [InlineData(9, 8, FinishReason.None)]
    public void After_ThreeTokens_EndsAtTheSmallerLimit(int maxTokens, int maxModelLength, FinishReason expected) =>
        Assert.Equal(expected, After(Sampling with { MaxTokens = maxTokens }, maxModelLength, 5, 5, 5));

    [Fact]
    public void After_StopTokenAtTheLimit_IsAStop() =>
        Assert.Equal(FinishReason.Stop, After(Sampling, 100, 5, 5, 2));

    [Fact]
    public void After_MovedRequest_CountsTheOutputItBrought()
    {
        GenerationRequest moved = TestRequests.Moved(TestRequests.Of(1, TestRequests.Prompt(4), Sampling), [5, 5]);
        Sequence sequence = new(moved, null, 100);
        sequence.Append(5);

        Assert.Equal(FinishReason.Length, StopRule.After(sequence, 5));
    }

    private static FinishReason After(SamplingParameters sampling, int maxModelLength, params int[] tokens)
    {
        Sequence sequence = new(TestRequests.Of(1, TestRequests.Prompt(4), sampling), null, maxModelLength);
        foreach (int token in tokens)
        {
            sequence.Append(token);
        }

        return StopRule.After(sequence, tokens[^1]);
    }
}
