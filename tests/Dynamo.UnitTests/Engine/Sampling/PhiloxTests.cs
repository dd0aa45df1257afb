using Dynamo.Engine.Sampling;
using Xunit;

namespace Dynamo.UnitTests.Engine.Sampling;

public sealed class PhiloxTests
{
    // Known answers for philox4x32-10 of Random123, the reference implementation of the paper.
    [Theory]
    [InlineData(0u, 0u, 0u, 0u, 0u, 0u, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(~0u, ~0u, ~0u, ~0u, ~0u, ~0u, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    [InlineData(0x243f6a88u, 0x85a308d3u, 0x13198a2eu, 0x03707344u, 0xa4093822u, 0x299f31d0u, 0xd16cfe09u, 0x94fdccebu, 0x5001e420u, 0x24126ea1u)]
    public void Block_KnownCounterAndKey_KnownAnswer(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint x0, uint x1, uint x2, uint x3) =>
        Assert.Equal((x0, x1, x2, x3), Philox.Block(c0, c1, c2, c3, k0, k1));

    [Fact]
    public void Uniform_SeedAndPosition_AreTheKeyAndTheCounter()
    {
        (uint x0, uint x1, _, _) = Philox.Block(0x89abcdef, 0x01234567, 0, 0, 0x76543210, 0xfedcba98);

        Assert.Equal(((((ulong)x0 << 32) | x1) >> 11) * Math.Pow(2, -53), Philox.Uniform(0xfedcba9876543210, 0x0123456789abcdef));
    }

    [Fact]
    public void Uniform_ManyPositions_FillTheUnitIntervalEvenly()
    {
        // 100,000 numbers in 100 bins: a bin has 1000 with a deviation of 31; the seed is fixed, so the count is too.
        int[] bins = new int[100];
        for (ulong position = 0; position < 100_000; position++)
        {
            bins[(int)(Philox.Uniform(42, position) * 100)]++;
        }

        Assert.All(bins, static count => Assert.InRange(count, 850, 1150));
    }

    [Fact]
    public void Uniform_NeighbouringSeedsAndPositions_AllDiffer()
    {
        HashSet<double> seen = [];
        for (ulong seed = 0; seed < 100; seed++)
        {
            for (ulong position = 0; position < 100; position++)
            {
                Assert.True(seen.Add(Philox.Uniform(seed, position)));
            }
        }
    }
}
