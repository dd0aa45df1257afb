using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Dynamo.Torch.Native;
using Dynamo.Torch.Numerics;

namespace Dynamo.Torch.Kernels;

/// <summary>
/// y = x Wᵀ + b with bfloat16 weights and float32 everything else, which no library at hand offers: oneDNN's layers round inputs and outputs to
/// the type of the weight. Each output is one chain of fused multiply-adds over the inputs in order, whatever the batch.
/// </summary>
/// <remarks>
/// Reads the weight once for four rows, so a few rows cost what reading it costs, as in bfloat16; many rows run at float32's speed, 1.3 to 1.9
/// times slower than in bfloat16 (measured).
/// Packed weight: panels of 64 outputs; in a panel, for each two inputs, 64 pairs of elements, so that a load gives one input's weights of
/// 16 outputs in the lower halves and the next one's in the upper. Missing outputs and inputs are zero.
/// </remarks>
internal static unsafe class WideGemm
{
    private const int PanelWidth = 64;
    private const int TileRows = 4;

    /// <summary>Elements of a packed weight [numOutputs, numInputs].</summary>
    public static long PackedLength(int numOutputs, int numInputs) => NumPanels(numOutputs) * PanelLength(numInputs);

    /// <summary>Packs a weight [numOutputs, numInputs].</summary>
    public static void Pack(Bf16* weight, Bf16* packed, int numOutputs, int numInputs)
    {
        for (int firstOutput = 0; firstOutput < numOutputs; firstOutput += PanelWidth)
        {
            for (int input = 0; input < numInputs; input += 2)
            {
                for (int output = firstOutput; output < firstOutput + PanelWidth; output++, packed += 2)
                {
                    Bf16* source = weight + ((long)output * numInputs) + input;
                    packed[0] = output < numOutputs ? source[0] : default;
                    packed[1] = output < numOutputs && input + 1 < numInputs ? source[1] : default;
                }
            }
        }
    }

    /// <summary>Computes all rows, panels in parallel.</summary>
    /// <param name="x">[numRows, numInputs].</param>
    /// <param name="packed">From <see cref="Pack"/>.</param>
    /// <param name="bias">[numOutputs], or null.</param>
    /// <param name="y">[numRows, numOutputs].</param>
    /// <param name="numRows">Rows.</param>
    /// <param name="numOutputs">Columns of y.</param>
    /// <param name="numInputs">Columns of x.</param>
    public static void Multiply(float* x, Bf16* packed, float* bias, float* y, int numRows, int numOutputs, int numInputs)
    {
        Arguments arguments = new() { X = x, Packed = packed, Bias = bias, Y = y, NumRows = numRows, NumOutputs = numOutputs, NumInputs = numInputs };
        TorchParallel.For(NumPanels(numOutputs), 1, &Panels, &arguments);
    }

    private static long NumPanels(int numOutputs) => (numOutputs + PanelWidth - 1L) / PanelWidth;

    private static long PanelLength(int numInputs) => (numInputs + 1L) / 2 * 2 * PanelWidth;

    private static void Panels(long begin, long end, void* pointer)
    {
        Arguments* a = (Arguments*)pointer;
        float* tile = stackalloc float[TileRows * PanelWidth];
        for (long panel = begin; panel < end; panel++)
        {
            long firstOutput = panel * PanelWidth;
            int width = (int)Math.Min(PanelWidth, a->NumOutputs - firstOutput);
            Bf16* weight = a->Packed + (panel * PanelLength(a->NumInputs));
            for (long row = 0; row < a->NumRows; row += TileRows)
            {
                // A tile that lacks rows repeats its last one.
                int count = (int)Math.Min(TileRows, a->NumRows - row);
                float* x = a->X + (row * a->NumInputs);
                long step = a->NumInputs;
                if (count == 1)
                {
                    Single(x, weight, tile, a->NumInputs);
                    Store(tile, a->Bias, firstOutput, a->Y + (row * a->NumOutputs), width);
                    continue;
                }

                Tile(x, x + (Math.Min(1, count - 1) * step), x + (Math.Min(2, count - 1) * step), x + (Math.Min(3, count - 1) * step), weight, tile, a->NumInputs);
                for (int r = 0; r < count; r++)
                {
                    Store(tile + (r * PanelWidth), a->Bias, firstOutput, a->Y + ((row + r) * a->NumOutputs), width);
                }
            }
        }
    }

    private static void Store(float* sums, float* bias, long firstOutput, float* row, int width)
    {
        for (int i = 0; i < width; i++)
        {
            row[firstOutput + i] = bias is null ? sums[i] : sums[i] + bias[firstOutput + i];
        }
    }

    // One row, as when a single sequence decodes: the same chains as a tile's, without the work for rows that are not there.
    private static void Single(float* x, Bf16* weight, float* sums, int numInputs)
    {
        Vector512<float> s0 = Vector512<float>.Zero, s1 = s0, s2 = s0, s3 = s0;
        for (int k = 0; k < numInputs; k += 2, weight += 2 * PanelWidth)
        {
            Element<Bf16>.LoadPair(weight, out Vector512<float> w0, out Vector512<float> v0);
            Element<Bf16>.LoadPair(weight + 32, out Vector512<float> w1, out Vector512<float> v1);
            Element<Bf16>.LoadPair(weight + 64, out Vector512<float> w2, out Vector512<float> v2);
            Element<Bf16>.LoadPair(weight + 96, out Vector512<float> w3, out Vector512<float> v3);
            Row(x[k], w0, w1, w2, w3, ref s0, ref s1, ref s2, ref s3);
            if (k + 1 < numInputs)
            {
                Row(x[k + 1], v0, v1, v2, v3, ref s0, ref s1, ref s2, ref s3);
            }
        }

        StoreRow(sums, s0, s1, s2, s3);
    }

    private static void Tile(float* x0, float* x1, float* x2, float* x3, Bf16* weight, float* tile, int numInputs)
    {
        Vector512<float> a0 = Vector512<float>.Zero, a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
        Vector512<float> c0 = a0, c1 = a0, c2 = a0, c3 = a0, d0 = a0, d1 = a0, d2 = a0, d3 = a0;
        for (int k = 0; k < numInputs; k += 2, weight += 2 * PanelWidth)
        {
            Element<Bf16>.LoadPair(weight, out Vector512<float> w0, out Vector512<float> v0);
            Element<Bf16>.LoadPair(weight + 32, out Vector512<float> w1, out Vector512<float> v1);
            Element<Bf16>.LoadPair(weight + 64, out Vector512<float> w2, out Vector512<float> v2);
            Element<Bf16>.LoadPair(weight + 96, out Vector512<float> w3, out Vector512<float> v3);
            Row(x0[k], w0, w1, w2, w3, ref a0, ref a1, ref a2, ref a3);
            Row(x1[k], w0, w1, w2, w3, ref b0, ref b1, ref b2, ref b3);
            Row(x2[k], w0, w1, w2, w3, ref c0, ref c1, ref c2, ref c3);
            Row(x3[k], w0, w1, w2, w3, ref d0, ref d1, ref d2, ref d3);
            if (k + 1 < numInputs)
            {
                Row(x0[k + 1], v0, v1, v2, v3, ref a0, ref a1, ref a2, ref a3);
                Row(x1[k + 1], v0, v1, v2, v3, ref b0, ref b1, ref b2, ref b3);
                Row(x2[k + 1], v0, v1, v2, v3, ref c0, ref c1, ref c2, ref c3);
                Row(x3[k + 1], v0, v1, v2, v3, ref d0, ref d1, ref d2, ref d3);
            }
        }

        StoreRow(tile, a0, a1, a2, a3);
        StoreRow(tile + PanelWidth, b0, b1, b2, b3);
        StoreRow(tile + (2 * PanelWidth), c0, c1, c2, c3);
        StoreRow(tile + (3 * PanelWidth), d0, d1, d2, d3);
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

    private static void StoreRow(float* target, Vector512<float> s0, Vector512<float> s1, Vector512<float> s2, Vector512<float> s3)
    {
        s0.Store(target);
        s1.Store(target + 16);
        s2.Store(target + 32);
        s3.Store(target + 48);
    }

    private struct Arguments
    {
        public float* X;
        public Bf16* Packed;
        public float* Bias;
        public float* Y;
        public int NumRows;
        public int NumOutputs;
        public int NumInputs;
    }
}
