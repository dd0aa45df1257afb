using System.Numerics;
using System.Runtime.InteropServices;

namespace Dynamo.Routing;

/// <summary>The lowest of many costs, NaN left out: the lowest of each of <see cref="NumShares"/> shares, in passes that do not wait for each other.</summary>
internal readonly struct Lows
{
    private const int NumChains = 4;

    /// <summary>Looks at all costs.</summary>
    public Lows(ReadOnlySpan<double> costs)
    {
        ReadOnlySpan<Vector<double>> vectors = MemoryMarshal.Cast<double, Vector<double>>(costs);
        Vector<double> a = new(double.PositiveInfinity);
        Vector<double> b = a;
        Vector<double> c = a;
        Vector<double> d = a;
        while (vectors.Length >= NumChains)
        {
            a = Lower(vectors[0], a);
            b = Lower(vectors[1], b);
            c = Lower(vectors[2], c);
            d = Lower(vectors[3], d);
            vectors = vectors[NumChains..];
        }

        Vector<double> low = Vector.Min(Vector.Min(a, b), Vector.Min(c, d));
        Vector<double> high = Vector.Max(Vector.Max(a, b), Vector.Max(c, d));
        (Least, Most) = (double.PositiveInfinity, double.NegativeInfinity);
        for (int lane = 0; lane < Vector<double>.Count; lane++)
        {
            Least = Math.Min(Least, low[lane]);
            Most = Math.Max(Most, high[lane]);
        }

        foreach (double cost in costs[^(costs.Length % (NumChains * Vector<double>.Count))..])
        {
            Least = cost < Least ? cost : Least;
        }
    }

    /// <summary>Shares.</summary>
    public static int NumShares => NumChains * Vector<double>.Count;

    /// <summary>The lowest of all; infinity when there is none.</summary>
    public double Least { get; }

    /// <summary>The highest of the shares' lowest: at least as many costs as there are shares are not above it. Infinity when a share has none.</summary>
    public double Most { get; }

    private static Vector<double> Lower(Vector<double> cost, Vector<double> low) => Vector.ConditionalSelect(Vector.LessThan(cost, low), cost, low);
}
