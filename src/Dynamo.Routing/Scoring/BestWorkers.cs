using Dynamo.Routing.Vectors;

namespace Dynamo.Routing.Scoring;

/// <summary>Selects the few lowest of many costs.</summary>
internal static class BestWorkers
{
    /// <summary>The chosen worker and the best others, best first, and where there is room those that cannot get the request, in their order.</summary>
    /// <param name="costs">By worker; NaN for one that cannot get the request, and behind the last one up to a whole vector.</param>
    /// <param name="numWorkers">Workers.</param>
    /// <param name="lows">Of these costs.</param>
    /// <param name="chosen">Index of one that is among them in any case and first of its equals, or -1.</param>
    /// <param name="best">Filled with indexes as far as there are any.</param>
    /// <returns>How many.</returns>
    public static int Select(ReadOnlySpan<double> costs, int numWorkers, in Lows lows, int chosen, Span<int> best)
    {
        int count = best.IsEmpty ? 0 : best.Length <= Shortlist.MaxKept ? SelectFew(costs, lows, chosen, best) : SelectMany(costs, chosen, best);
        for (int i = 0; i < numWorkers && count < best.Length; i++)
        {
            if (i != chosen && double.IsNaN(costs[i]))
            {
                best[count++] = i;
            }
        }

        return count;
    }

    private static int SelectFew(ReadOnlySpan<double> costs, in Lows lows, int chosen, Span<int> best)
    {
        Shortlist list = new(stackalloc double[Shortlist.Room], stackalloc int[Shortlist.Room], best.Length);
        if (chosen >= 0)
        {
            list.Add(chosen, CostOf(costs, chosen));
        }

        double bound = costs.Length > Shortlist.Room ? lows.BoundOf(best.Length) : double.PositiveInfinity;
        Span<int> found = stackalloc int[Shortlist.Room];
        for (int start = 0; start < costs.Length;)
        {
            int numFound = AtMost.Find(costs, ref start, bound, found[..list.NumFree]);
            foreach (int index in found[..numFound])
            {
                if (index != chosen)
                {
                    list.Add(index, costs[index]);
                }
            }

            list.KeepBest(chosen);
            bound = Math.Min(bound, Math.BitDecrement(list.Bound));
        }

        list.Indexes.CopyTo(best);
        return list.Indexes.Length;
    }

    private static int SelectMany(ReadOnlySpan<double> costs, int chosen, Span<int> best)
    {
        List<(double Cost, bool IsOther, int Index)> all = [];
        for (int i = 0; i < costs.Length; i++)
        {
            if (i == chosen || !double.IsNaN(costs[i]))
            {
                all.Add((i == chosen ? CostOf(costs, chosen) : costs[i], i != chosen, i));
            }
        }

        all.Sort();
        int count = Math.Min(all.Count, best.Length);
        for (int i = 0; i < count; i++)
        {
            best[i] = all[i].Index;
        }

        if (chosen >= 0 && !best[..count].Contains(chosen))
        {
            best[count - 1] = chosen;
        }

        return count;
    }

    // Where a request runs already may be a worker that could not get it.
    private static double CostOf(ReadOnlySpan<double> costs, int chosen) => double.IsNaN(costs[chosen]) ? double.NegativeInfinity : costs[chosen];
}
