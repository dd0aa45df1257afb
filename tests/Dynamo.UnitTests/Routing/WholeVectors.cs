using System.Runtime.Intrinsics;
using Dynamo.Routing.Vectors;

namespace Dynamo.UnitTests.Routing;

/// <summary>Costs as an assessment has them.</summary>
internal static class WholeVectors
{
    public static double[] Of(double[] costs) =>
        [.. costs, .. Enumerable.Repeat(double.NaN, Ranks.LengthFor(costs.Length) - costs.Length)];

    /// <summary>Costs go to shares in turns.</summary>
    public static Lows LowsOf(double[] costs)
    {
        Vector512<double>[] shares = [.. Enumerable.Repeat(Vector512.Create(double.PositiveInfinity), 4)];
        for (int i = 0; i < costs.Length; i += Vector512<double>.Count)
        {
            ref Vector512<double> share = ref shares[i / Vector512<double>.Count % shares.Length];
            share = Lows.Lower(Vector512.Create(costs, i), share);
        }

        return new Lows(shares[0], shares[1], shares[2], shares[3]);
    }
}
