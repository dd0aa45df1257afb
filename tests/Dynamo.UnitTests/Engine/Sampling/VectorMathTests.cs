using Dynamo.Engine.Sampling;
using Xunit;

namespace Dynamo.UnitTests.Engine.Sampling;

/// <summary>Each vectorised loop against the plain one, at lengths around the vector and block sizes.</summary>
public sealed class VectorMathTests
{
    public static TheoryData<int> Lengths => [1, 2, 15, 16, 17, 31, 33, 255, 256, 257, 300, 1023, 1024, 1025, 1040, 4097];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Max_AnyLength_IsTheLargest(int length)
    {
        float[] values = Values(length);

        Assert.Equal(values.Max(), VectorMath.Max(values));
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Max_NaNAnywhere_IsNaN(int length)
    {
        for (int i = 0; i < length; i += 1 + (length / 50))
        {
            float[] values = Values(length);
            values[i] = float.NaN;

            Assert.True(float.IsNaN(VectorMath.Max(values)), $"NaN at {i} of {length} is lost");
        }
    }

    [Fact]
    public void Max_NothingOrOnlyNegativeInfinity_IsNegativeInfinity()
    {
        Assert.Equal(float.NegativeInfinity, VectorMath.Max([]));
        Assert.Equal(float.NegativeInfinity, VectorMath.Max(Enumerable.Repeat(float.NegativeInfinity, 40).ToArray()));
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void IndexOf_EqualValues_IsTheFirst(int length)
    {
        float[] values = Values(length);
        for (int i = 0; i < length; i += 1 + (length / 50))
        {
            values[i] = 100;
            values[^1] = 100;
            Assert.Equal(i, VectorMath.IndexOf(values, 100));
            values[i] = 0;
        }

        Assert.Equal(-1, VectorMath.IndexOf(values[..^1], 100));
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void CountSumGather_Threshold_AgreeWithPlainLoops(int length)
    {
        float[] values = Values(length);
        float threshold = values[length / 2];
        int[] indices = new int[length];
        float[] gathered = new float[length];

        int count = VectorMath.Gather(values, threshold, indices, gathered);

        int[] expected = [.. Enumerable.Range(0, length).Where(i => values[i] >= threshold)];
        Assert.Equal(expected, indices[..count]);
        Assert.Equal(expected.Select(i => values[i]), gathered[..count]);
        Assert.Equal(count, VectorMath.CountAtLeast(values, threshold));
        Assert.Equal(expected.Sum(i => (double)values[i]), VectorMath.SumAtLeast(values, threshold), 1e-3 * length / 1000);
        Assert.Equal(values.Sum(static v => (double)v), VectorMath.Sum(values), 1e-3 * length / 1000);
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void ExpWeightsAndSumExp_AnyLength_AreThoseOfTheScalarExponential(int length)
    {
        float[] values = Values(length);
        float max = values.Max();
        float[] weights = new float[length];

        VectorMath.ExpWeights(values, max, 0.7f, weights);

        Assert.Equal(values.Select(v => VectorExp.Exp((v - max) * 0.7f)), weights);
        Assert.Equal(values.Sum(v => Math.Exp((double)v - max)), VectorMath.SumExp(values, max), 1e-6 * length);
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void GroupMaxima_AnyLength_NoMoreThanSixteenInAGroupAndNoneForgotten(int length)
    {
        float[] values = Values(length);
        float[] maxima = new float[(length / 16) + 16];

        int count = VectorMath.GroupMaxima(values, maxima);

        Assert.InRange(count, (length + 15) / 16, maxima.Length);
        Assert.Equal(values.Max(), maxima[..count].Max());
        float[] descending = [.. values.OrderDescending()];
        float[] groups = [.. maxima[..count].OrderDescending()];
        for (int k = 0; k < count; k++)
        {
            Assert.True(groups[k] <= descending[k], $"the {k + 1}-th largest maximum is above the {k + 1}-th largest value");
        }
    }

    private static float[] Values(int length)
    {
        Random random = new(length);
        return [.. Enumerable.Range(0, length).Select(_ => random.NextSingle() * 10)];
    }
}
