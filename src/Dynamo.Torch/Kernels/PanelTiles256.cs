using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dynamo.Torch.Kernels;

/// <summary>
/// The innermost loops of <see cref="PanelGemm{T}"/> for 16 registers of 256 bits: tiles of up to six rows and one panel, or of one row and
/// four panels. They add to y. Measured on a Zen 3: 85 % of the multiply-adds that the core can do in float32, 77 % in bfloat16.
/// </summary>
/// <remarks>
/// A tile that lacks rows repeats its last one: all sums are loaded before any is stored, so a repeated row is stored twice with the same bits.
/// </remarks>
/// <typeparam name="T">Element of the weight.</typeparam>
internal static unsafe class PanelTiles256<T>
    where T : unmanaged
{
    /// <summary>One row and four panels.</summary>
    /// <param name="x">Inputs of the row.</param>
    /// <param name="weight">First pair of the first panel.</param>
    /// <param name="panelLength">Elements from one panel to the next.</param>
    /// <param name="y">The 64 sums.</param>
    /// <param name="numInputs">Inputs, even.</param>
    public static void Single(float* x, T* weight, long panelLength, float* y, int numInputs)
    {
        T* weight1 = weight + panelLength;
        T* weight2 = weight1 + panelLength;
        T* weight3 = weight2 + panelLength;
        Vector256<float> a0 = Vector256.Load(y), a1 = Vector256.Load(y + 8), b0 = Vector256.Load(y + 16), b1 = Vector256.Load(y + 24);
        Vector256<float> c0 = Vector256.Load(y + 32), c1 = Vector256.Load(y + 40), d0 = Vector256.Load(y + 48), d1 = Vector256.Load(y + 56);
        for (int k = 0; k < numInputs; k += 2)
        {
            Vector256<float> first = Vector256.Create(x[k]);
            Vector256<float> second = Vector256.Create(x[k + 1]);
            a0 = Pair(weight, 0, first, second, a0);
            a1 = Pair(weight, 1, first, second, a1);
            b0 = Pair(weight1, 0, first, second, b0);
            b1 = Pair(weight1, 1, first, second, b1);
            c0 = Pair(weight2, 0, first, second, c0);
            c1 = Pair(weight2, 1, first, second, c1);
            d0 = Pair(weight3, 0, first, second, d0);
            d1 = Pair(weight3, 1, first, second, d1);
            weight += PanelWeight<T>.PairLength;
            weight1 += PanelWeight<T>.PairLength;
            weight2 += PanelWeight<T>.PairLength;
            weight3 += PanelWeight<T>.PairLength;
        }

        a0.Store(y);
        a1.Store(y + 8);
        b0.Store(y + 16);
        b1.Store(y + 24);
        c0.Store(y + 32);
        c1.Store(y + 40);
        d0.Store(y + 48);
        d1.Store(y + 56);
    }

    /// <summary>Up to four rows and one panel.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="count">Rows, 1 to 4.</param>
    /// <param name="weight">First pair of the panel.</param>
    /// <param name="numInputs">Inputs, even.</param>
    public static void Four(in PanelRows rows, int count, T* weight, int numInputs)
    {
        float* x0 = rows.X, x1 = rows.Input(1, count), x2 = rows.Input(2, count), x3 = rows.Input(3, count);
        float* y0 = rows.Y, y1 = rows.Output(1, count), y2 = rows.Output(2, count), y3 = rows.Output(3, count);
        Vector256<float> a0 = Vector256.Load(y0), a1 = Vector256.Load(y0 + 8), b0 = Vector256.Load(y1), b1 = Vector256.Load(y1 + 8);
        Vector256<float> c0 = Vector256.Load(y2), c1 = Vector256.Load(y2 + 8), d0 = Vector256.Load(y3), d1 = Vector256.Load(y3 + 8);
        for (int k = 0; k < numInputs; k += 2, weight += PanelWeight<T>.PairLength)
        {
            PanelWeight<T>.Prefetch(weight);
            Vector256<float> w0 = PanelWeight<T>.First256(weight, 0), w1 = PanelWeight<T>.First256(weight, 1);
            Row(x0[k], w0, w1, ref a0, ref a1);
            Row(x1[k], w0, w1, ref b0, ref b1);
            Row(x2[k], w0, w1, ref c0, ref c1);
            Row(x3[k], w0, w1, ref d0, ref d1);
            w0 = PanelWeight<T>.Second256(weight, 0);
            w1 = PanelWeight<T>.Second256(weight, 1);
            Row(x0[k + 1], w0, w1, ref a0, ref a1);
            Row(x1[k + 1], w0, w1, ref b0, ref b1);
            Row(x2[k + 1], w0, w1, ref c0, ref c1);
            Row(x3[k + 1], w0, w1, ref d0, ref d1);
        }

        Store(y0, a0, a1);
        Store(y1, b0, b1);
        Store(y2, c0, c1);
        Store(y3, d0, d1);
    }

    /// <summary>Up to six rows and one panel; parameters as of <see cref="Four"/>.</summary>
    public static void Six(in PanelRows rows, int count, T* weight, int numInputs)
    {
        float* x0 = rows.X, x1 = rows.Input(1, count), x2 = rows.Input(2, count), x3 = rows.Input(3, count), x4 = rows.Input(4, count), x5 = rows.Input(5, count);
        float* y0 = rows.Y, y1 = rows.Output(1, count), y2 = rows.Output(2, count), y3 = rows.Output(3, count), y4 = rows.Output(4, count), y5 = rows.Output(5, count);
        Vector256<float> a0 = Vector256.Load(y0), a1 = Vector256.Load(y0 + 8), b0 = Vector256.Load(y1), b1 = Vector256.Load(y1 + 8);
        Vector256<float> c0 = Vector256.Load(y2), c1 = Vector256.Load(y2 + 8), d0 = Vector256.Load(y3), d1 = Vector256.Load(y3 + 8);
        Vector256<float> e0 = Vector256.Load(y4), e1 = Vector256.Load(y4 + 8), f0 = Vector256.Load(y5), f1 = Vector256.Load(y5 + 8);
        for (int k = 0; k < numInputs; k += 2, weight += PanelWeight<T>.PairLength)
        {
            PanelWeight<T>.Prefetch(weight);
            Vector256<float> w0 = PanelWeight<T>.First256(weight, 0), w1 = PanelWeight<T>.First256(weight, 1);
            Row(x0[k], w0, w1, ref a0, ref a1);
            Row(x1[k], w0, w1, ref b0, ref b1);
            Row(x2[k], w0, w1, ref c0, ref c1);
            Row(x3[k], w0, w1, ref d0, ref d1);
            Row(x4[k], w0, w1, ref e0, ref e1);
            Row(x5[k], w0, w1, ref f0, ref f1);
            w0 = PanelWeight<T>.Second256(weight, 0);
            w1 = PanelWeight<T>.Second256(weight, 1);
            Row(x0[k + 1], w0, w1, ref a0, ref a1);
            Row(x1[k + 1], w0, w1, ref b0, ref b1);
            Row(x2[k + 1], w0, w1, ref c0, ref c1);
            Row(x3[k + 1], w0, w1, ref d0, ref d1);
            Row(x4[k + 1], w0, w1, ref e0, ref e1);
            Row(x5[k + 1], w0, w1, ref f0, ref f1);
        }

        Store(y0, a0, a1);
        Store(y1, b0, b1);
        Store(y2, c0, c1);
        Store(y3, d0, d1);
        Store(y4, e0, e1);
        Store(y5, f0, f1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Pair(T* weight, int half, Vector256<float> first, Vector256<float> second, Vector256<float> sum) =>
        Vector256.FusedMultiplyAdd(
            PanelWeight<T>.Second256(weight, half), second, Vector256.FusedMultiplyAdd(PanelWeight<T>.First256(weight, half), first, sum));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row(float x, Vector256<float> w0, Vector256<float> w1, ref Vector256<float> s0, ref Vector256<float> s1)
    {
        Vector256<float> value = Vector256.Create(x);
        s0 = Vector256.FusedMultiplyAdd(w0, value, s0);
        s1 = Vector256.FusedMultiplyAdd(w1, value, s1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* y, Vector256<float> s0, Vector256<float> s1)
    {
        s0.Store(y);
        s1.Store(y + 8);
    }
}
