using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dynamo.Torch.Kernels;

/// <summary>
/// The innermost loops of <see cref="PanelGemm{T}"/> for 32 registers of 512 bits: tiles of one or up to four rows and four panels. They add
/// to y; the same chains, and so the same bits, as <see cref="PanelTiles256{T}"/>.
/// </summary>
/// <typeparam name="T">Element of the weight.</typeparam>
internal static unsafe class PanelTiles512<T>
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
        Vector512<float> a0 = Vector512.Load(y), a1 = Vector512.Load(y + 16), a2 = Vector512.Load(y + 32), a3 = Vector512.Load(y + 48);
        for (int k = 0; k < numInputs; k += 2)
        {
            Row(
                x[k], PanelWeight<T>.First512(weight), PanelWeight<T>.First512(weight1), PanelWeight<T>.First512(weight2), PanelWeight<T>.First512(weight3),
                ref a0, ref a1, ref a2, ref a3);
            Row(
                x[k + 1], PanelWeight<T>.Second512(weight), PanelWeight<T>.Second512(weight1), PanelWeight<T>.Second512(weight2), PanelWeight<T>.Second512(weight3),
                ref a0, ref a1, ref a2, ref a3);
            weight += PanelWeight<T>.PairLength;
            weight1 += PanelWeight<T>.PairLength;
            weight2 += PanelWeight<T>.PairLength;
            weight3 += PanelWeight<T>.PairLength;
        }

        Store(y, a0, a1, a2, a3);
    }

    /// <summary>Up to four rows and four panels.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="count">Rows, 1 to 4.</param>
    /// <param name="weight">First pair of the first panel.</param>
    /// <param name="panelLength">Elements from one panel to the next.</param>
    /// <param name="numInputs">Inputs, even.</param>
    public static void Four(in PanelRows rows, int count, T* weight, long panelLength, int numInputs)
    {
        float* x0 = rows.X, x1 = rows.Input(1, count), x2 = rows.Input(2, count), x3 = rows.Input(3, count);
        float* y0 = rows.Y, y1 = rows.Output(1, count), y2 = rows.Output(2, count), y3 = rows.Output(3, count);
        T* weight1 = weight + panelLength;
        T* weight2 = weight1 + panelLength;
        T* weight3 = weight2 + panelLength;
        Vector512<float> a0 = Vector512.Load(y0), a1 = Vector512.Load(y0 + 16), a2 = Vector512.Load(y0 + 32), a3 = Vector512.Load(y0 + 48);
        Vector512<float> b0 = Vector512.Load(y1), b1 = Vector512.Load(y1 + 16), b2 = Vector512.Load(y1 + 32), b3 = Vector512.Load(y1 + 48);
        Vector512<float> c0 = Vector512.Load(y2), c1 = Vector512.Load(y2 + 16), c2 = Vector512.Load(y2 + 32), c3 = Vector512.Load(y2 + 48);
        Vector512<float> d0 = Vector512.Load(y3), d1 = Vector512.Load(y3 + 16), d2 = Vector512.Load(y3 + 32), d3 = Vector512.Load(y3 + 48);
        for (int k = 0; k < numInputs; k += 2)
        {
            Vector512<float> w0 = PanelWeight<T>.First512(weight), w1 = PanelWeight<T>.First512(weight1);
            Vector512<float> w2 = PanelWeight<T>.First512(weight2), w3 = PanelWeight<T>.First512(weight3);
            Row(x0[k], w0, w1, w2, w3, ref a0, ref a1, ref a2, ref a3);
            Row(x1[k], w0, w1, w2, w3, ref b0, ref b1, ref b2, ref b3);
            Row(x2[k], w0, w1, w2, w3, ref c0, ref c1, ref c2, ref c3);
            Row(x3[k], w0, w1, w2, w3, ref d0, ref d1, ref d2, ref d3);
            w0 = PanelWeight<T>.Second512(weight);
            w1 = PanelWeight<T>.Second512(weight1);
            w2 = PanelWeight<T>.Second512(weight2);
            w3 = PanelWeight<T>.Second512(weight3);
            Row(x0[k + 1], w0, w1, w2, w3, ref a0, ref a1, ref a2, ref a3);
            Row(x1[k + 1], w0, w1, w2, w3, ref b0, ref b1, ref b2, ref b3);
            Row(x2[k + 1], w0, w1, w2, w3, ref c0, ref c1, ref c2, ref c3);
            Row(x3[k + 1], w0, w1, w2, w3, ref d0, ref d1, ref d2, ref d3);
            weight += PanelWeight<T>.PairLength;
            weight1 += PanelWeight<T>.PairLength;
            weight2 += PanelWeight<T>.PairLength;
            weight3 += PanelWeight<T>.PairLength;
        }

        Store(y0, a0, a1, a2, a3);
        Store(y1, b0, b1, b2, b3);
        Store(y2, c0, c1, c2, c3);
        Store(y3, d0, d1, d2, d3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Row(
        float x, Vector512<float> w0, Vector512<float> w1, Vector512<float> w2, Vector512<float> w3,
        ref Vector512<float> s0, ref Vector512<float> s1, ref Vector512<float> s2, ref Vector512<float> s3)
    {
        Vector512<float> value = Vector512.Create(x);
        s0 = Vector512.FusedMultiplyAdd(w0, value, s0);
        s1 = Vector512.FusedMultiplyAdd(w1, value, s1);
        s2 = Vector512.FusedMultiplyAdd(w2, value, s2);
        s3 = Vector512.FusedMultiplyAdd(w3, value, s3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* y, Vector512<float> s0, Vector512<float> s1, Vector512<float> s2, Vector512<float> s3)
    {
        s0.Store(y);
        s1.Store(y + 16);
        s2.Store(y + 32);
        s3.Store(y + 48);
    }
}
