using Dynamo.Routing.Scoring;
using Xunit;

namespace Dynamo.UnitTests.Routing;

public sealed class BestWorkersTests
{
    [Fact]
    public void Random_SameAsSorting()
    {
        Random random = new(1);
        for (int i = 0; i < 3000; i++)
        {
            double[] costs = [.. Enumerable.Range(0, random.Next(1, 250)).Select(_ => random.Next(4) == 0 ? double.NaN : random.Next(1 + (i % 50)))];
            int[] best = new int[Math.Min(costs.Length, 1 + random.Next(20))];
            int chosen = random.Next(costs.Length + 1) - 1;
            chosen = chosen >= 0 && double.IsNaN(costs[chosen]) ? -1 : chosen;

            int[] sorted = [.. Enumerable.Range(0, costs.Length)
                .OrderBy(index => double.IsNaN(costs[index]) ? double.PositiveInfinity : costs[index])
                .ThenBy(index => index == chosen ? -1 : index)
                .Take(best.Length)];
            if (chosen >= 0 && !sorted.Contains(chosen))
            {
                sorted[^1] = chosen;
            }

            Assert.Equal(sorted, Select(costs, chosen, best));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(17)]
    public void ChosenThoughItCannotGetTheRequest_ComesFirst(int most) => Assert.Equal([1, 2], Select([7, double.NaN, 3], 1, new int[most])[..2]);

    private static int[] Select(double[] costs, int chosen, int[] best)
    {
        double[] vectors = WholeVectors.Of(costs);
        return best[..BestWorkers.Select(vectors, costs.Length, WholeVectors.LowsOf(vectors), chosen, best)];
    }
}
