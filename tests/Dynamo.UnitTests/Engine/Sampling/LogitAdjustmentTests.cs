using Dynamo.Protocol.Requests;
using Xunit;
using static Dynamo.UnitTests.Engine.Sampling.OneSample;

namespace Dynamo.UnitTests.Engine.Sampling;

/// <summary>One rule at a time: the exact logits behind penalties, bias and masks.</summary>
public sealed class LogitAdjustmentTests
{
    private const float Masked = float.NegativeInfinity;

    [Fact]
    public void Sample_RepetitionPenalty_DividesPositiveAndMultipliesNegativeOfPromptAndOutputOnce()
    {
        SamplingParameters parameters = Greedy with { RepetitionPenalty = 2 };

        (int? _, float[] logits) = Sample(parameters, [4, -4, 0, 4, -4, 4], prompt: [0, 1, 0], output: [3, 2, 3]);

        Assert.Equal([2, -8, 0, 2, -4, 4], logits);
    }

    [Fact]
    public void Sample_FrequencyAndPresence_CountTheOutputOnly()
    {
        SamplingParameters parameters = Greedy with { FrequencyPenalty = 0.5f, PresencePenalty = 0.25f };

        (int? _, float[] logits) = Sample(parameters, [4, 4, 4, 4], prompt: [0, 0, 1], output: [1, 2, 2, 2]);

        Assert.Equal([4, 3.25f, 2.25f, 4], logits);
    }

    [Fact]
    public void Sample_AllPenalties_RepetitionComesBeforeTheOthersAndBiasBeforeIt()
    {
        SamplingParameters parameters = Greedy with { RepetitionPenalty = 2, PresencePenalty = 1, LogitBias = [new LogitBias(0, 2)] };

        (int? _, float[] logits) = Sample(parameters, [4, 0.5f], prompt: [1], output: [0]);

        Assert.Equal([2, 0.25f], logits);
    }

    [Fact]
    public void Sample_NegativePenalty_Rewards()
    {
        (int? token, float[] logits) = Sample(Greedy with { FrequencyPenalty = -2 }, [4, 1], prompt: [0], output: [1, 1]);

        Assert.Equal([4, 5], logits);
        Assert.Equal(1, token);
    }

    [Fact]
    public void Sample_LogitBias_ForcesAndForbids()
    {
        Assert.Equal(2, Sample(Greedy with { LogitBias = [new LogitBias(2, 100)] }, [9, 8, -50, 7]).Token);
        Assert.Equal(1, Sample(Greedy with { LogitBias = [new LogitBias(0, -100)] }, [9, 8, -50, 7]).Token);
    }

    [Theory]
    [InlineData(new[] { 1, 3 })]
    [InlineData(new[] { 3, 1, 3 })]
    public void Sample_AllowedTokens_AllOthersAreMasked(int[] allowed)
    {
        (int? token, float[] logits) = Sample(Greedy with { AllowedTokenIds = allowed }, [9, 8, 7, 6, 5]);

        Assert.Equal([Masked, 8, Masked, 6, Masked], logits);
        Assert.Equal(1, token);
    }

    [Theory]
    [InlineData(0, false, true)]
    [InlineData(2, false, true)]
    [InlineData(3, false, false)]
    [InlineData(0, true, true)]
    [InlineData(3, true, false)]
    public void Sample_BeforeMinTokens_NeitherEosNorStopTokenIsChosen(int numOutput, bool ignoreEos, bool isMasked)
    {
        SamplingParameters parameters = Greedy with { MinTokens = 3, EosTokenIds = [0, 1], StopTokenIds = [2], IgnoreEos = ignoreEos };

        (int? token, float[] logits) = Sample(parameters, [9, 8, 7, 6], prompt: [3, 3, 3, 3], output: [.. Enumerable.Repeat(3, numOutput)]);

        Assert.Equal(isMasked ? [Masked, Masked, Masked, 6] : [9, 8, 7, 6], logits);
        Assert.Equal(isMasked ? 3 : 0, token);
    }

    [Theory]
    [InlineData(new[] { 3 }, true, false)]
    [InlineData(new[] { 3, 0 }, true, true)]
    [InlineData(new[] { 0, 1 }, true, false)]
    [InlineData(new int[0], true, false)]
    public void Sample_BadWords_TheLastTokenIsMaskedBehindTheOthers(int[] output, bool oneIsMasked, bool twoIsMasked)
    {
        SamplingParameters parameters = Greedy with { BadWords = [[1], [3, 0, 2], [0, 2]] };

        // The prompt, which ends with what two words begin with, does not count.
        (int? _, float[] logits) = Sample(parameters, [9, 8, 7, 6], prompt: [3, 0], output: output);

        Assert.Equal([9, oneIsMasked ? Masked : 8, twoIsMasked ? Masked : 7, 6], logits);
    }

    [Fact]
    public void Sample_BadWordLongerThanTheOutput_IsWholeOnlyWithItsLastToken()
    {
        SamplingParameters parameters = Greedy with { BadWords = [[0, 0, 0]] };

        Assert.Equal(0, Sample(parameters, [9, 8], output: [0]).Token);
        Assert.Equal(1, Sample(parameters, [9, 8], output: [0, 0]).Token);
        Assert.Equal(0, Sample(parameters, [9, 8], output: [0, 0, 1]).Token);
        Assert.Equal(1, Sample(parameters, [9, 8], output: [1, 0, 0, 0]).Token);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    public void Sample_SmallestRepetitionPenalty_StillChooses(float temperature) =>
        Assert.Equal(0, Sample(Greedy with { RepetitionPenalty = float.Epsilon, Temperature = temperature }, [4, 8], prompt: [0]).Token);
}
