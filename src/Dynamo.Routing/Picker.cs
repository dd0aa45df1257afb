using System.Numerics;

namespace Dynamo.Routing;

/// <summary>Chooses among costs. Chance comes from outside.</summary>
internal static class Picker
{
    /// <summary>The lowest cost, ties at random; with a temperature, drawn by softmax over the costs' range.</summary>
    /// <param name="costs">By worker; NaN for one that cannot get the request.</param>
    /// <param name="temperature">At least 0.</param>
    /// <param name="random">Asked only where there is a choice.</param>
    /// <returns>Index, or -1 when all are NaN.</returns>
    public static int Pick(ReadOnlySpan<double> costs, double temperature, Random random)
    {
        double least = new Lows(costs).Least;
        int ties = Count(costs, least);
        return temperature > 0 && NumEligible(costs) > 1 ? Draw(costs, least, temperature, random)
            : ties == 0 ? -1
            : Nth(costs, least, ties == 1 ? 0 : random.Next(ties));
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

    private static int Count(ReadOnlySpan<double> costs, double value)
    {
        Vector<double> wanted = new(value);
        Vector<long> counts = Vector<long>.Zero;
        int i = 0;
        for (; i + Vector<double>.Count <= costs.Length; i += Vector<double>.Count)
        {
            counts -= Vector.Equals(new Vector<double>(costs[i..]), wanted);
        }

        int count = (int)Vector.Sum(counts);
        for (; i < costs.Length; i++)
        {
            count += costs[i] == value ? 1 : 0;
        }

        return count;
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

    private static int Nth(ReadOnlySpan<double> costs, double value, int n)
    {
        int i = costs.IndexOf(value);
        while (n-- > 0)
        {
            i += 1 + costs[(i + 1)..].IndexOf(value);
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
