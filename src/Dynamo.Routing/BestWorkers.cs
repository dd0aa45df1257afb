using System.Numerics;

namespace Dynamo.Routing;

/// <summary>Selects the few lowest of many costs.</summary>
internal static class BestWorkers
{
    /// <summary>The chosen worker and the best others, best first, and where there is room those that cannot get the request, in their order.</summary>
    /// <param name="costs">By worker; NaN for one that cannot get the request.</param>
    /// <param name="lows">Of these costs.</param>
    /// <param name="chosen">Index of one that is among them in any case and first of its equals, or -1.</param>
    /// <param name="best">Filled with indexes as far as there are any.</param>
    /// <returns>How many.</returns>
    public static int Select(ReadOnlySpan<double> costs, in Lows lows, int chosen, Span<int> best)
    {
        if (best.IsEmpty)
        {
            return 0;
        }

        int count = 0;
        if (chosen >= 0)
        {
            best[count++] = chosen;
        }

        double bound = best.Length <= Lows.NumShares ? lows.Most : double.PositiveInfinity;
        bound = count == best.Length ? Math.Min(bound, Math.BitDecrement(costs[chosen])) : bound;
        for (int start = 0; start < costs.Length; start += AtMost.Width)
        {
            for (ulong hits = AtMost.Hits(costs, start, bound); hits != 0; hits &= hits - 1)
            {
                int index = start + BitOperations.TrailingZeroCount(hits);
                if (index != chosen && costs[index] <= bound)
                {
                    Insert(costs, best, ref count, index);

                    // Once there are enough, only what is below the last of them matters.
                    bound = count == best.Length ? Math.Min(bound, Math.BitDecrement(costs[best[^1]])) : bound;
                }
            }
        }

        if (chosen >= 0 && !best[..count].Contains(chosen))
        {
            best[count - 1] = chosen;
        }

        for (int i = 0; i < costs.Length && count < best.Length; i++)
        {
            if (i != chosen && double.IsNaN(costs[i]))
            {
                best[count++] = i;
            }
        }

        return count;
    }

    private static void Insert(ReadOnlySpan<double> costs, Span<int> best, ref int count, int index)
    {
        int at = count < best.Length ? count++ : count - 1;
        for (; at > 0 && costs[index] < costs[best[at - 1]]; at--)
        {
            best[at] = best[at - 1];
        }

        best[at] = index;
    }
}
