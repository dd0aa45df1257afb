using System.Numerics;

namespace Dynamo.Routing;

/// <summary>Selects the few lowest of many costs.</summary>
internal static class BestWorkers
{
    /// <summary>The chosen worker and the best others, best first, and where there is room those that cannot get the request, in their order.</summary>
    /// <param name="costs">By worker; NaN for one that cannot get the request.</param>
    /// <param name="chosen">Index of one that is among them in any case and first of its equals, or -1.</param>
    /// <param name="best">Filled with indexes as far as there are any.</param>
    /// <returns>How many.</returns>
    public static int Select(ReadOnlySpan<double> costs, int chosen, Span<int> best)
    {
        int count = 0;
        if (chosen >= 0)
        {
            best[count++] = chosen;
        }

        for (int i = 0; i < costs.Length; i++)
        {
            // Once there are enough, most are no better than the last of them.
            if (count == best.Length)
            {
                i += NumNotBelow(costs[i..], costs[best[^1]]);
                if (i == costs.Length)
                {
                    break;
                }
            }

            if (i != chosen && !double.IsNaN(costs[i]))
            {
                Insert(costs, best, ref count, i);
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
        for (; at > 0 && Precedes(costs[index], costs[best[at - 1]]); at--)
        {
            best[at] = best[at - 1];
        }

        best[at] = index;
    }

    private static bool Precedes(double a, double b) => a < b || double.IsNaN(b);

    // How many costs there are before the first that precedes this one.
    private static int NumNotBelow(ReadOnlySpan<double> costs, double least)
    {
        int i = 0;
        if (!double.IsNaN(least))
        {
            Vector<double> bound = new(least);
            while (i + Vector<double>.Count <= costs.Length && !Vector.LessThanAny(new Vector<double>(costs[i..]), bound))
            {
                i += Vector<double>.Count;
            }
        }

        while (i < costs.Length && !Precedes(costs[i], least))
        {
            i++;
        }

        return i;
    }
}
