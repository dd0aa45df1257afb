using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dynamo.Routing.Vectors;

/// <summary>The lowest of many costs, NaN left out: the lowest of each of <see cref="NumShares"/> shares.</summary>
internal readonly struct Lows
{
    /// <summary>Shares.</summary>
    public const int NumShares = 32;

    private readonly Vector512<double> _a;
    private readonly Vector512<double> _b;
    private readonly Vector512<double> _c;
    private readonly Vector512<double> _d;

    /// <summary>From the shares' lowest: infinity where a share has none.</summary>
    public Lows(Vector512<double> a, Vector512<double> b, Vector512<double> c, Vector512<double> d)
    {
        Vector512<double> least = Lower(Lower(a, b), Lower(c, d));
        Vector256<double> half = Vector256.Min(least.GetLower(), least.GetUpper());
        Vector128<double> quarter = Vector128.Min(half.GetLower(), half.GetUpper());
        Least = Math.Min(quarter[0], quarter[1]);
        (_a, _b, _c, _d) = (a, b, c, d);
    }

    /// <summary>The lowest of all; infinity when there is none.</summary>
    public double Least { get; }

    /// <summary>A bound that at least so many costs are not above, and not many more: infinity when there are fewer.</summary>
    /// <param name="count">1 to <see cref="NumShares"/>.</param>
    public double BoundOf(int count)
    {
        Span<double> shares = stackalloc double[NumShares];
        _a.CopyTo(shares);
        _b.CopyTo(shares[8..]);
        _c.CopyTo(shares[16..]);
        _d.CopyTo(shares[24..]);
        Span<long> ranks = stackalloc long[NumShares];
        Ranks.Find(shares, ranks);
        return shares[ranks.IndexOf(count - 1)];
    }

    /// <summary>The lower ones of some costs, NaN left out, and the lowest so far.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Lower(Vector512<double> costs, Vector512<double> lows) => Vector512.ConditionalSelect(Vector512.LessThan(costs, lows), costs, lows);
}
