using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Dynamo.Torch.Native;

namespace Dynamo.Torch.Kernels;

/// <summary>
/// y = x Wᵀ + b with weights in bfloat16 or float32 and float32 everything else. Each output is its bias and then one chain of fused
/// multiply-adds over the inputs in order, whatever the batch, the threads and the width of vectors, so a row has the same bits everywhere.
/// </summary>
/// <remarks>
/// Weights in bfloat16 are expanded in registers: a few rows cost what reading them costs. Many rows run over chunks of the weight that stay
/// in the nearest cache, in blocks whose inputs stay in the next one.
/// </remarks>
/// <typeparam name="T">Element of the weight.</typeparam>
internal static unsafe class PanelGemm<T>
    where T : unmanaged
{
    // Rows whose inputs of a chunk, 258 KB, stay in a second-level cache while the panels go by. A multiple of all tiles' rows.
    private const int BlockRows = 252;

    /// <summary>Whether the processor's registers have 512 bits.</summary>
    public static bool IsWide => Avx512BW.IsSupported;

    /// <summary>Packs a weight [numOutputs, numInputs] into <see cref="PanelWeight{T}.Length"/> elements, on all threads.</summary>
    public static void Pack(T* weight, T* packed, int numOutputs, int numInputs)
    {
        Arguments arguments = new() { X = (float*)weight, Weight = packed, NumOutputs = numOutputs, NumInputs = numInputs };
        TorchParallel.For(4 * PanelWeight<T>.NumGroups(numOutputs), 1, &PackPanels, &arguments);
    }

    /// <summary>Computes all rows.</summary>
    /// <param name="x">[numRows, numInputs].</param>
    /// <param name="weight">From <see cref="Pack"/>.</param>
    /// <param name="bias">[numOutputs], or null.</param>
    /// <param name="y">[numRows, numOutputs].</param>
    /// <param name="numRows">Rows.</param>
    /// <param name="numOutputs">Columns of y.</param>
    /// <param name="numInputs">Columns of x.</param>
    /// <param name="wide">Whether tiles have registers of 512 bits; those that the processor does not have are slow, and the same to the bit.</param>
    public static void Multiply(float* x, T* weight, float* bias, float* y, int numRows, int numOutputs, int numInputs, bool wide)
    {
        Arguments arguments = new()
        {
            X = x,
            Weight = weight,
            Bias = bias,
            Y = y,
            NumRows = numRows,
            NumOutputs = numOutputs,
            NumInputs = numInputs,
            Wide = wide,
        };
        TorchParallel.Tasks(NumBlocks(numRows) * PanelWeight<T>.NumGroups(numOutputs), ThreadPoolSize.Current, &Task, &arguments);
    }

    private static long NumBlocks(int numRows) => (numRows + BlockRows - 1L) / BlockRows;

    private static void PackPanels(long begin, long end, void* pointer)
    {
        Arguments* a = (Arguments*)pointer;
        PanelWeight<T>.Pack((T*)a->X, a->Weight, a->NumOutputs, a->NumInputs, begin, end);
    }

    // A task is one block of rows and one group of outputs. Threads take them as they become free: one that others keep from running holds up
    // no more than the task it has.
    [SkipLocalsInit]
    private static void Task(long task, int worker, void* pointer)
    {
        Arguments* a = (Arguments*)pointer;
        long numGroups = PanelWeight<T>.NumGroups(a->NumOutputs);
        long firstRow = task / numGroups * BlockRows;
        long group = task % numGroups;
        int numRows = (int)Math.Min(BlockRows, a->NumRows - firstRow);
        long firstOutput = group * PanelWeight<T>.GroupWidth;
        int width = (int)Math.Min(PanelWeight<T>.GroupWidth, a->NumOutputs - firstOutput);
        float* target = a->Y + (firstRow * a->NumOutputs) + firstOutput;
        float* filledUp = stackalloc float[BlockRows * PanelWeight<T>.GroupWidth];
        bool isWhole = width == PanelWeight<T>.GroupWidth;
        PanelRows rows = new()
        {
            X = a->X + (firstRow * a->NumInputs),
            XStride = a->NumInputs,
            Y = isWhole ? target : filledUp,
            YStride = isWhole ? a->NumOutputs : PanelWeight<T>.GroupWidth,
        };
        Begin(rows, numRows, a->Bias is null ? null : a->Bias + firstOutput, width);
        Group(rows, numRows, a->Weight + (group * 4 * PanelWeight<T>.PanelLength(a->NumInputs)), a->NumInputs, a->Wide);
        for (int row = 0; row < numRows && !isWhole; row++)
        {
            new Span<float>(filledUp + (row * PanelWeight<T>.GroupWidth), width).CopyTo(new Span<float>(target + ((long)row * a->NumOutputs), width));
        }
    }

    private static void Begin(in PanelRows rows, int numRows, float* bias, int width)
    {
        for (int row = 0; row < numRows; row++)
        {
            Span<float> y = new(rows.Y + (row * rows.YStride), PanelWeight<T>.GroupWidth);
            y.Clear();
            if (bias is not null)
            {
                new Span<float>(bias, width).CopyTo(y);
            }
        }
    }

    private static void Group(in PanelRows rows, int numRows, T* weight, int numInputs, bool wide)
    {
        int numPaired = numInputs & ~1;
        long panelLength = PanelWeight<T>.PanelLength(numInputs);
        if (numRows == 1)
        {
            if (wide)
            {
                PanelTiles512<T>.Single(rows.X, weight, panelLength, rows.Y, numPaired);
            }
            else
            {
                PanelTiles256<T>.Single(rows.X, weight, panelLength, rows.Y, numPaired);
            }
        }
        else if (wide)
        {
            Group512(rows, numRows, weight, panelLength, numPaired);
        }
        else
        {
            for (int panel = 0; panel < 4; panel++)
            {
                Panel256(rows.From(0, 0, panel * PanelWeight<T>.Width), numRows, weight + (panel * panelLength), numPaired);
            }
        }

        if (numPaired < numInputs)
        {
            LastInput(rows, numRows, weight, panelLength, numPaired);
        }
    }

    private static void Group512(in PanelRows rows, int numRows, T* weight, long panelLength, int numInputs)
    {
        for (int input = 0; input < numInputs; input += PanelWeight<T>.ChunkInputs)
        {
            int count = Math.Min(PanelWeight<T>.ChunkInputs, numInputs - input);
            for (int row = 0; row < numRows; row += 4)
            {
                PanelTiles512<T>.Four(rows.From(row, input, 0), Math.Min(4, numRows - row), weight + ((long)input * PanelWeight<T>.Width), panelLength, count);
            }
        }
    }

    private static void Panel256(in PanelRows rows, int numRows, T* weight, int numInputs)
    {
        // Tiles of six rows, and as many of four as leave none over: an odd row is repeated, and so are the first three.
        int numEven = Math.Max(4, (numRows + 1) & ~1);
        int numFours = numEven % 6 / 2 * 2 % 3;
        int numSixes = (numEven - (4 * numFours)) / 6;
        for (int input = 0; input < numInputs; input += PanelWeight<T>.ChunkInputs)
        {
            int count = Math.Min(PanelWeight<T>.ChunkInputs, numInputs - input);
            T* chunk = weight + ((long)input * PanelWeight<T>.Width);
            int row = 0;
            for (int tile = 0; tile < numSixes; tile++, row += 6)
            {
                PanelTiles256<T>.Six(rows.From(row, input, 0), Math.Min(6, numRows - row), chunk, count);
            }

            for (int tile = 0; tile < numFours; tile++, row += 4)
            {
                PanelTiles256<T>.Four(rows.From(row, input, 0), Math.Min(4, numRows - row), chunk, count);
            }
        }
    }

    // The input without a partner, of a row of odd length.
    private static void LastInput(in PanelRows rows, int numRows, T* weight, long panelLength, int input)
    {
        for (int row = 0; row < numRows; row++)
        {
            Vector256<float> x = Vector256.Create(rows.X[(row * rows.XStride) + input]);
            for (int panel = 0; panel < 4; panel++)
            {
                T* pair = weight + (panel * panelLength) + ((long)input * PanelWeight<T>.Width);
                float* y = rows.Y + (row * rows.YStride) + (panel * PanelWeight<T>.Width);
                Vector256.FusedMultiplyAdd(PanelWeight<T>.First256(pair, 0), x, Vector256.Load(y)).Store(y);
                Vector256.FusedMultiplyAdd(PanelWeight<T>.First256(pair, 1), x, Vector256.Load(y + 8)).Store(y + 8);
            }
        }
    }

    private struct Arguments
    {
        public float* X;
        public T* Weight;
        public float* Bias;
        public float* Y;
        public int NumRows;
        public int NumOutputs;
        public int NumInputs;
        public bool Wide;
    }
}
