using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dynamo.Routing.Vectors;

/// <summary>Looks at several costs at once for those that are not above a bound, which NaN never is.</summary>
internal static class AtMost
{
    /// <summary>A bit for each of eight costs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Hits(in Vector512<double> costs, double bound) => Vector512.LessThanOrEqual(costs, Vector512.Create(bound)).ExtractMostSignificantBits();

    /// <summary>Finds some, until all costs are looked at or there may be no room for those of another look.</summary>
    /// <param name="costs">Whole vectors of costs.</param>
    /// <param name="start">The first that is looked at; afterwards the first that was not.</param>
    /// <param name="bound">The bound.</param>
    /// <param name="found">Their indexes, ascending; room for those of a look at least.</param>
    /// <returns>How many were found.</returns>
    public static int Find(ReadOnlySpan<double> costs, ref int start, double bound, Span<int> found)
    {
        ReadOnlySpan<Vector512<double>> vectors = MemoryMarshal.Cast<double, Vector512<double>>(costs);
        int count = 0;
        int at = start / Vector512<double>.Count;
        for (; at < vectors.Length && count + Vector512<double>.Count <= found.Length; at++)
        {
            for (ulong hits = Hits(vectors[at], bound); hits != 0; hits &= hits - 1)
            {
                found[count++] = (at * Vector512<double>.Count) + BitOperations.TrailingZeroCount(hits);
            }
        }

        start = at * Vector512<double>.Count;
        return count;
    }
}
