using System.Runtime.Intrinsics;

namespace Dynamo.Benchmarks.Probes;

/// <summary>Multiplies and adds float32 numbers in registers, all threads at once: the arithmetic peak of the vector units.</summary>
internal sealed class FmaProbe(int numThreads)
{
    private const int NumRounds = 1 << 20;
    private const int NumChains = 12;

    private float _sum;

    private static int NumLanes => Vector512.IsHardwareAccelerated ? Vector512<float>.Count : Vector256<float>.Count;

    /// <summary>Operations per second of all threads together, a multiply-add being two.</summary>
    public double Measure()
    {
        double seconds = ThreadTeam.Time(numThreads, number => Volatile.Write(ref _sum, Chains(number)));
        return 2.0 * numThreads * NumRounds * NumChains * NumLanes / seconds;
    }

    // As many independent chains as it takes to hide the latency of an instruction on two units, in vectors as wide as the registers.
    private static float Chains(float seed) => Vector512.IsHardwareAccelerated ? Chains512(seed) : Chains256(seed);

    private static float Chains512(float seed)
    {
        Vector512<float> x = Vector512.Create(0.999f), y = Vector512.Create(1e-3f + seed);
        Vector512<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int round = 0; round < NumRounds; round++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y);
            b = Vector512.FusedMultiplyAdd(b, x, y);
            c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y);
            e = Vector512.FusedMultiplyAdd(e, x, y);
            f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y);
            h = Vector512.FusedMultiplyAdd(h, x, y);
            i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y);
            k = Vector512.FusedMultiplyAdd(k, x, y);
            l = Vector512.FusedMultiplyAdd(l, x, y);
        }

        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    private static float Chains256(float seed)
    {
        Vector256<float> x = Vector256.Create(0.999f), y = Vector256.Create(1e-3f + seed);
        Vector256<float> a = x, b = x, c = x, d = x, e = x, f = x, g = x, h = x, i = x, j = x, k = x, l = x;
        for (int round = 0; round < NumRounds; round++)
        {
            a = Vector256.FusedMultiplyAdd(a, x, y);
            b = Vector256.FusedMultiplyAdd(b, x, y);
            c = Vector256.FusedMultiplyAdd(c, x, y);
            d = Vector256.FusedMultiplyAdd(d, x, y);
            e = Vector256.FusedMultiplyAdd(e, x, y);
            f = Vector256.FusedMultiplyAdd(f, x, y);
            g = Vector256.FusedMultiplyAdd(g, x, y);
            h = Vector256.FusedMultiplyAdd(h, x, y);
            i = Vector256.FusedMultiplyAdd(i, x, y);
            j = Vector256.FusedMultiplyAdd(j, x, y);
            k = Vector256.FusedMultiplyAdd(k, x, y);
            l = Vector256.FusedMultiplyAdd(l, x, y);
        }

        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }
}
