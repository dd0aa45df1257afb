using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace Dynamo.Routing.Vectors;

/// <summary>Places of a few costs in their order, found by counting for each those before it: no branch that a processor could guess wrong, as in sorting.</summary>
internal static class Ranks
{
    /// <summary>A length that can be looked at, for so many costs.</summary>
    public static int LengthFor(int numCosts) => (numCosts + Vector512<double>.Count - 1) / Vector512<double>.Count * Vector512<double>.Count;

    /// <summary>Finds how many costs are before each: those that are lower, and equal ones that come earlier.</summary>
    /// <param name="costs">Costs, filled up to a <see cref="LengthFor"/> with NaN, which are before nothing.</param>
    /// <param name="ranks">By cost; 0 for NaN.</param>
    public static void Find(ReadOnlySpan<double> costs, Span<long> ranks)
    {
        Debug.Assert(costs.Length % Vector512<double>.Count == 0, "These are not whole vectors.");
        for (int start = 0; start < costs.Length; start += Vector512<double>.Count)
        {
            Vector512<double> ranked = Vector512.Create(costs[start..]);
            Vector512<long> numBefore = Vector512<long>.Zero;
            int i = 0;
            for (; i < start; i++)
            {
                numBefore -= Vector512.LessThanOrEqual(Vector512.Create(costs[i]), ranked).AsInt64();
            }

            for (; i < start + Vector512<double>.Count; i++)
            {
                Vector512<double> cost = Vector512.Create(costs[i]);
                Vector512<long> isLater = Vector512.GreaterThan(Vector512<long>.Indices, Vector512.Create((long)(i - start)));
                numBefore -= Vector512.LessThan(cost, ranked).AsInt64() | (Vector512.Equals(cost, ranked).AsInt64() & isLater);
            }

            for (; i < costs.Length; i++)
            {
                numBefore -= Vector512.LessThan(Vector512.Create(costs[i]), ranked).AsInt64();
            }

            numBefore.CopyTo(ranks[start..]);
        }
    }
}
