using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dynamo.Routing;

/// <summary>Looks at several costs at once for those that are not above a bound.</summary>
internal static class AtMost
{
    /// <summary>Costs of a look.</summary>
    public static int Width => Vector512<double>.Count;

    /// <summary>A bit for each cost of a look that is not above a bound, which NaN never is.</summary>
    /// <param name="costs">Costs.</param>
    /// <param name="start">The first of the look; beyond the last cost there is none.</param>
    /// <param name="bound">The bound.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Hits(ReadOnlySpan<double> costs, int start, double bound) =>
        costs.Length - start >= Width
            ? Vector512.LessThanOrEqual(Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(costs), (nuint)start), Vector512.Create(bound)).ExtractMostSignificantBits()
            : HitsOfFew(costs[start..], bound);

    private static ulong HitsOfFew(ReadOnlySpan<double> costs, double bound)
    {
        ulong hits = 0;
        for (int i = 0; i < costs.Length; i++)
        {
            hits |= costs[i] <= bound ? 1ul << i : 0;
        }

        return hits;
    }
}
