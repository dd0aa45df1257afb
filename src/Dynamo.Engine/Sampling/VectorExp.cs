using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dynamo.Engine.Sampling;

/// <summary>
/// e to the x for x at most 0, within 2 units in the last place. Multiplies and adds are separate (never fused), so that every machine gets
/// the same bits and a moved request draws the same token. Range reduction and polynomial: S. Moshier, Cephes <c>expf</c>.
/// </summary>
internal static class VectorExp
{
    // Below, e^x is under the smallest normal float; such a token is never drawn.
    private const float Lowest = -87f;

    /// <summary>Each lane's exponential; 0 below -87.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        Vector512<float> lowest = Vector512.Create(Lowest);
        Vector512<float> inRange = Vector512.GreaterThanOrEqual(x, lowest);
        Vector512<float> clamped = Vector512.MaxNative(x, lowest);

        // x = n ln 2 + r with |r| at most ln 2 / 2; ln 2 in two parts, of which n times the first is exact.
        Vector512<float> n = Vector512.Floor((clamped * 1.44269504f) + Vector512.Create(0.5f));
        Vector512<float> r = clamped - (n * 0.693359375f) - (n * -2.12194440e-4f);
        Vector512<float> p = Vector512.Create(1.9875691500e-4f);
        p = (p * r) + Vector512.Create(1.3981999507e-3f);
        p = (p * r) + Vector512.Create(8.3334519073e-3f);
        p = (p * r) + Vector512.Create(4.1665795894e-2f);
        p = (p * r) + Vector512.Create(1.6666665459e-1f);
        p = (p * r) + Vector512.Create(5.0000001201e-1f);
        p = (p * (r * r)) + r + Vector512<float>.One;

        // 2^n straight into the exponent bits: n is at least -126.
        Vector512<int> power = (Vector512.ConvertToInt32Native(n) + Vector512.Create(127)) << 23;
        return (p * power.AsSingle()) & inRange;
    }

    /// <summary>One exponential, with the same bits as a lane's.</summary>
    public static float Exp(float x) => Exp(Vector512.CreateScalar(x))[0];
}
