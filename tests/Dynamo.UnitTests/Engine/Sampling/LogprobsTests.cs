using Dynamo.Engine.Sampling;
using Dynamo.Protocol.Frames;
using Xunit;

namespace Dynamo.UnitTests.Engine.Sampling;

public sealed class LogprobsTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(16)]
    [InlineData(100)]
    [InlineData(3001)]
    public void Of_RandomRow_IsLogSoftmaxAndTheBestInOrder(int length)
    {
        Random random = new(length);
        float[] logits = [.. Enumerable.Range(0, length).Select(_ => random.Next(-40, 40) * 0.25f)];
        double logSum = Math.Log(logits.Sum(static l => Math.Exp(l)));
        (int Id, double Logprob)[] best = [.. logits.Select((l, i) => (i, l - logSum)).OrderByDescending(static t => t.Item2).ThenBy(static t => t.i).Take(20)];

        TokenLogprobs logprobs = Logprobs.Of(logits, logits.Max(), token: length / 2, numTop: 20);

        Assert.Equal(logits[length / 2] - logSum, logprobs.Chosen, 1e-5);
        Assert.Equal(best.Select(static t => t.Id), logprobs.Top.Select(static t => t.TokenId));
        Assert.All(best.Zip(logprobs.Top), static pair => Assert.Equal(pair.First.Logprob, pair.Second.Logprob, 1e-5));
    }

    [Fact]
    public void Of_NoneOfTheBestWanted_GivesTheChosenAlone()
    {
        TokenLogprobs logprobs = Logprobs.Of([0, 0], 0, token: 1, numTop: 0);

        Assert.Equal(-Math.Log(2), logprobs.Chosen, 1e-6);
        Assert.Empty(logprobs.Top);
    }

    [Fact]
    public void Of_MaskedTokens_AreNegativeInfinityAndComeLast()
    {
        TokenLogprobs logprobs = Logprobs.Of([float.NegativeInfinity, 1, float.NegativeInfinity], 1, token: 1, numTop: 3);

        Assert.Equal(0, logprobs.Chosen, 1e-6);
        Assert.Equal([1, 0, 2], logprobs.Top.Select(static t => t.TokenId));
        Assert.Equal(float.NegativeInfinity, logprobs.Top[2].Logprob);
    }

    [Fact]
    public void Of_LargeLogits_DoesNotOverflow()
    {
        TokenLogprobs logprobs = Logprobs.Of([3e38f, 3e38f, -3e38f], 3e38f, token: 0, numTop: 1);

        Assert.InRange(logprobs.Chosen, -1f, 0f);
    }
}
