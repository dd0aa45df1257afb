using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Dynamo.Torch.Numerics;

namespace Dynamo.Torch.Kernels;

/// <summary>
/// How the weight of a <see cref="PanelGemm{T}"/> lies in memory: panels of 16 outputs one behind the other; in a panel, for each two inputs,
/// the weights of both for the 16 outputs. In bfloat16 these are 16 pairs, 64 bytes: a shift gives the first input's weights as float32, a
/// mask the second's. In float32 these are two rows of 16.
/// </summary>
/// <typeparam name="T">Element: <see cref="Bf16"/> or <see cref="float"/>.</typeparam>
internal static unsafe class PanelWeight<T>
    where T : unmanaged
{
    /// <summary>Outputs of a panel.</summary>
    public const int Width = 16;

    /// <summary>Elements of a panel for two inputs.</summary>
    public const int PairLength = 2 * Width;

    /// <summary>Inputs that all rows are multiplied by before the next ones follow, so that their weights stay in the nearest cache.</summary>
    public const int ChunkInputs = 256;

    /// <summary>Elements of a panel's chunk.</summary>
    public const int ChunkLength = ChunkInputs * Width;

    /// <summary>Outputs that are worked on together: four panels. Weights are filled up with zeros to a multiple of it.</summary>
    public const int GroupWidth = 4 * Width;

    /// <summary>Elements of a packed weight.</summary>
    public static long Length(int numOutputs, int numInputs) => NumGroups(numOutputs) * 4 * PanelLength(numInputs);

    /// <summary>Groups of <see cref="GroupWidth"/> outputs.</summary>
    public static long NumGroups(int numOutputs) => (numOutputs + GroupWidth - 1L) / GroupWidth;

    /// <summary>Elements of a panel.</summary>
    public static long PanelLength(int numInputs) => (numInputs + 1L) / 2 * PairLength;

    /// <summary>Packs the panels [begin, end) of a weight [numOutputs, numInputs]; missing outputs and inputs become zero.</summary>
    public static void Pack(T* weight, T* packed, int numOutputs, int numInputs, long begin, long end)
    {
        for (long panel = begin; panel < end; panel++)
        {
            T* target = packed + (panel * PanelLength(numInputs));
            for (int i = 0; i < Width; i++)
            {
                long output = (panel * Width) + i;
                PackOutput(output < numOutputs ? weight + (output * numInputs) : null, target, i, numInputs);
            }
        }
    }

    /// <summary>Weights of eight outputs for the first input of a pair.</summary>
    /// <param name="pair">The pair.</param>
    /// <param name="half">0 for the panel's first eight outputs, 1 for the others.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> First256(T* pair, int half) => Element<T>.IsBf16
        ? (Vector256.Load((uint*)pair + (8 * half)) << 16).AsSingle()
        : Vector256.Load((float*)pair + (8 * half));

    /// <summary>As <see cref="First256"/>, for the second input.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Second256(T* pair, int half) => Element<T>.IsBf16
        ? (Vector256.Load((uint*)pair + (8 * half)) & Vector256.Create(0xFFFF0000u)).AsSingle()
        : Vector256.Load((float*)pair + Width + (8 * half));

    /// <summary>Weights of the panel's outputs for the first input of a pair.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> First512(T* pair) => Element<T>.IsBf16
        ? (Vector512.Load((uint*)pair) << 16).AsSingle()
        : Vector512.Load((float*)pair);

    /// <summary>As <see cref="First512"/>, for the second input.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Second512(T* pair) => Element<T>.IsBf16
        ? (Vector512.Load((uint*)pair) & Vector512.Create(0xFFFF0000u)).AsSingle()
        : Vector512.Load((float*)pair + Width);

    /// <summary>Fetches the pair that the same tile needs a chunk later: while one chunk is worked on, the next one comes from memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(T* pair)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(pair + ChunkLength);
            if (!Element<T>.IsBf16)
            {
                Sse.Prefetch0(pair + ChunkLength + Width);
            }
        }
    }

    private static void PackOutput(T* row, T* panel, int place, int numInputs)
    {
        T* first = panel + (Element<T>.IsBf16 ? 2 * place : place);
        int toSecond = Element<T>.IsBf16 ? 1 : Width;
        for (int input = 0; input < numInputs; input += 2, first += PairLength)
        {
            first[0] = row is null ? default : row[input];
            first[toSecond] = row is null || input + 1 == numInputs ? default : row[input + 1];
        }
    }
}
