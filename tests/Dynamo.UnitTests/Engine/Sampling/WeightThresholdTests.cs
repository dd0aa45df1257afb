using Dynamo.Engine.Sampling;
using Xunit;

namespace Dynamo.UnitTests.Engine.Sampling;

public sealed class WeightThresholdTests
{
    private static readonly float[] Weights = [0.25f, 1f, 0.5f, 0.25f, 0f, 0.25f];

    [Theory]
    [InlineData(1, 1f)]
    [InlineData(2, 0.5f)]
    [InlineData(3, 0.25f)]
    [InlineData(5, 0.25f)]
    [InlineData(6, 0f)]
    public void KthLargest_EqualOnesCountEach(int k, float expected) => Assert.Equal(expected, WeightThreshold.KthLargest(Weights, k));

    [Theory]
    [InlineData(0.1, 1f, 1)]
    [InlineData(1.0, 1f, 1)]
    [InlineData(1.01, 0.5f, 1)]
    [InlineData(1.5, 0.5f, 1)]
    [InlineData(1.6, 0.25f, 1)]
    [InlineData(1.75, 0.25f, 1)]
    [InlineData(1.76, 0.25f, 2)]
    [InlineData(2.25, 0.25f, 3)]
    public void Nucleus_SmallestSetThatHoldsTheTarget(double target, float cut, int numAtCut) =>
        Assert.Equal((cut, numAtCut), WeightThreshold.Nucleus(Weights, target));

    [Fact]
    public void Nucleus_TargetAboveTheSumByRounding_KeepsAll() =>
        Assert.Equal((0f, int.MaxValue), WeightThreshold.Nucleus(Weights, 2.2500001));

    [Fact]
    public void KthLargest_RandomWeights_IsTheSortedOnesKth()
    {
        Random random = new(3);
        for (int round = 0; round < 50; round++)
        {
            // Powers from 2^-40 to 1, so that every exponent is searched.
            float[] weights = [.. Enumerable.Range(0, 300).Select(_ => random.NextSingle() * MathF.Pow(2, -random.Next(40)))];
            float[] descending = [.. weights.OrderDescending()];
            foreach (int k in (int[])[1, 2, 7, 150, 299, 300])
            {
                Assert.Equal(descending[k - 1], WeightThreshold.KthLargest(weights, k));
            }
        }
    }
}
