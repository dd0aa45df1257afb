using Dynamo.Routing;
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
            double[] costs = [.. Enumerable.Range(0, random.Next(1, 120)).Select(_ => random.Next(4) == 0 ? double.NaN : random.Next(1 + (i % 50)))];
            int[] best = new int[Math.Min(costs.Length, 1 + random.Next(20))];
            int chosen = random.Next(costs.Length + 1) - 1;
            chosen = chosen >= 0 && double.IsNaN(costs[chosen]) ? -1 : chosen;

            int count = BestWorkers.Select(costs, new Lows(costs), chosen, best);

            int[] sorted = [.. Enumerable.Range(0, costs.Length)
                .OrderBy(index => double.IsNaN(costs[index]) ? double.PositiveInfinity : costs[index])
                .ThenBy(index => index == chosen ? -1 : index)
                .Take(best.Length)];
            if (chosen >= 0 && !sorted.Contains(chosen))
            {
                sorted[^1] = chosen;
            }

            Assert.Equal(sorted, best[..count]);
        }
    }
}
