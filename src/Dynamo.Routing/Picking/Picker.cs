using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Dynamo.Routing.Vectors;

namespace Dynamo.Routing.Picking;

/// <summary>Chooses among costs. Chance comes from outside.</summary>
internal static class Picker
{
    /// <summary>The lowest cost, ties at random; with a temperature, drawn by softmax over the costs' range.</summary>
    /// <param name="costs">By worker; NaN for one that cannot get the request, and behind the last one up to a whole vector.</param>
    /// <param name="least">The lowest of them.</param>
    /// <param name="temperature">At least 0.</param>
    /// <param name="random">Asked only where there is a choice.</param>
    /// <returns>Index, or -1 when all are NaN.</returns>
    public static int Pick(ReadOnlySpan<double> costs, double least, double temperature, Random random)
    {
        if (temperature > 0 && NumEligible(costs) > 1)
        {
            return Draw(costs, least, temperature, random);
        }

        int first = -1;
        int ties = 0;
        ReadOnlySpan<Vector512<double>> vectors = MemoryMarshal.Cast<double, Vector512<double>>(costs);
        for (int i = 0; i < vectors.Length; i++)
        {
            ulong hits = AtMost.Hits(vectors[i], least);
            if (hits != 0)
            {
                first = ties == 0 ? (i * Vector512<double>.Count) + BitOperations.TrailingZeroCount(hits) : first;
                ties += BitOperations.PopCount(hits);
            }
        }

        return ties <= 1 ? first : NthAtMost(costs, first, least, random.Next(ties));
    }

    /// <summary>One of two drawn at random, the one with the lower cost.</summary>
    public static int PickOfTwo(ReadOnlySpan<double> costs, Random random)
    {
        int count = NumEligible(costs);
        if (count == 0)
        {
            return -1;
        }

        int first = random.Next(count);
        int a = NthEligible(costs, first);
        if (count == 1)
        {
            return a;
        }

        int second = random.Next(count - 1);
        int b = NthEligible(costs, second >= first ? second + 1 : second);
        return costs[b] < costs[a] ? b : a;
    }

    private static int Draw(ReadOnlySpan<double> costs, double least, double temperature, Random random)
    {
        double most = least;
        foreach (double cost in costs)
        {
            most = cost > most ? cost : most;
        }

        double scale = most > least ? 1 / ((most - least) * temperature) : 0;
        double sum = 0;
        foreach (double cost in costs)
        {
            sum += double.IsNaN(cost) ? 0 : Math.Exp((least - cost) * scale);
        }

        double left = random.NextDouble() * sum;
        int last = -1;
        for (int i = 0; i < costs.Length; i++)
        {
            if (!double.IsNaN(costs[i]))
            {
                last = i;
                left -= Math.Exp((least - costs[i]) * scale);
                if (left < 0)
                {
                    break;
                }
            }
        }

        return last;
    }

    private static int NumEligible(ReadOnlySpan<double> costs)
    {
        int count = 0;
        foreach (double cost in costs)
        {
            count += double.IsNaN(cost) ? 0 : 1;
        }

        return count;
    }

    private static int NthAtMost(ReadOnlySpan<double> costs, int first, double bound, int n)
    {
        int i = first;
        while (n > 0)
        {
            n -= costs[++i] <= bound ? 1 : 0;
        }

        return i;
    }

    private static int NthEligible(ReadOnlySpan<double> costs, int n)
    {
        int i = 0;
        while (double.IsNaN(costs[i]) || n-- > 0)
        {
            i++;
        }

        return i;
    }
}
