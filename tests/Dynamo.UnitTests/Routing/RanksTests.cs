using Dynamo.Routing.Vectors;
using Xunit;

namespace Dynamo.UnitTests.Routing;

public sealed class RanksTests
{
    [Fact]
    public void Equal_TheEarlierIsBefore()
    {
        double[] costs = WholeVectors.Of([5, 1, 5, 1, 0, 5, 9, 5, 1, double.PositiveInfinity]);
        long[] ranks = new long[costs.Length];

        Ranks.Find(costs, ranks);

        Assert.Equal([4, 1, 5, 2, 0, 6, 8, 7, 3, 9], ranks[..10]);
    }

    [Fact]
    public void BoundOfALow_AtLeastSoManyCostsAreNotAboveIt()
    {
        Random random = new(1);
        for (int i = 0; i < 300; i++)
        {
            double[] costs = WholeVectors.Of([.. Enumerable.Range(0, random.Next(1, 500)).Select(_ => (double)random.Next(1000))]);
            int count = random.Next(1, 1 + Math.Min(Lows.NumShares, costs.Count(static cost => !double.IsNaN(cost))));

            double bound = WholeVectors.LowsOf(costs).BoundOf(count);

            Assert.True(costs.Count(cost => cost <= bound) >= count);
        }
    }
}
