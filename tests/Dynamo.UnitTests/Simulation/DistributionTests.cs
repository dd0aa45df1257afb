using Dynamo.Simulation.Reports;
using Xunit;

namespace Dynamo.UnitTests.Simulation;

public sealed class DistributionTests
{
    [Theory]
    [InlineData(0, 10)]
    [InlineData(0.25, 20)]
    [InlineData(0.5, 30)]
    [InlineData(0.9, 46)]
    [InlineData(0.99, 49.6)]
    [InlineData(1, 50)]
    public void Percentile_LiesBetweenNeighboursByTheirDistance(double share, double expected) =>
        Assert.Equal(expected, new Distribution([50, 10, 40, 20, 30]).Percentile(share), 9);

    [Fact]
    public void OneValue_IsEveryPercentile() => Assert.Equal(7, new Distribution([7]).Percentile(0.99));

    [Fact]
    public void NoValues_AreZero()
    {
        Distribution none = new([]);

        Assert.Equal((0, 0.0, 0.0, 0.0), (none.Count, none.Mean, none.Max, none.Percentile(0.5)));
    }
}
