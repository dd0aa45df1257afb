using System.Runtime.Intrinsics;
using Dynamo.Engine.Sampling;
using Xunit;

namespace Dynamo.UnitTests.Engine.Sampling;

public sealed class VectorExpTests
{
    [Fact]
    public void Exp_WholeRange_IsWithinTwoUnitsInTheLastPlace()
    {
        for (int i = 0; i <= 870_000; i += 7)
        {
            float x = -i / 10_000f;
            float expected = (float)Math.Exp(x);

            int distance = Math.Abs(BitConverter.SingleToInt32Bits(VectorExp.Exp(x)) - BitConverter.SingleToInt32Bits(expected));
            Assert.True(distance <= 2, $"exp({x}) is {VectorExp.Exp(x)}, should be {expected}");
        }
    }

    [Fact]
    public void Exp_Zero_IsExactlyOne()
    {
        Assert.Equal(1f, VectorExp.Exp(0f));
        Assert.Equal(1f, VectorExp.Exp(-0f));
    }

    [Theory]
    [InlineData(-87.01f)]
    [InlineData(-1000f)]
    [InlineData(float.MinValue)]
    [InlineData(float.NegativeInfinity)]
    public void Exp_BelowTheSmallestNormal_IsZero(float x) => Assert.Equal(0f, VectorExp.Exp(x));

    [Fact]
    public void Exp_AtTheEdge_IsANormalNumber() => Assert.True(float.IsNormal(VectorExp.Exp(-87f)));

    [Fact]
    public void Exp_AnyLane_HasTheBitsOfTheScalar()
    {
        Random random = new(1);
        for (int round = 0; round < 1000; round++)
        {
            float[] values = [.. Enumerable.Range(0, 16).Select(_ => -100f * random.NextSingle())];
            Vector512<float> lanes = VectorExp.Exp(Vector512.Create(values));
            for (int lane = 0; lane < 16; lane++)
            {
                Assert.Equal(BitConverter.SingleToInt32Bits(VectorExp.Exp(values[lane])), BitConverter.SingleToInt32Bits(lanes[lane]));
            }
        }
    }
}
