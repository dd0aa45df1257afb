using Dynamo.Torch.Layers;
using Dynamo.Torch.Native;
using Dynamo.Torch.Numerics;

namespace Dynamo.Torch.Cpu;

/// <summary>
/// Compares rows of one linear layer alone and among others, bit by bit: with every number of rows at which kernels change their ways, every
/// row alone, and inputs of several kinds.
/// </summary>
internal static unsafe class LayerCheck
{
    // More than a tile, a block and a remainder of every kernel at hand.
    private const int NumRows = 65;

    // Trials that are made whatever the time.
    private const int NumAlways = 8;

    // Outputs of single rows that are compared, time allowing: where oneDNN rounds a single row in another way than several, in bfloat16, that
    // shows in 4 to 10 of 100,000 outputs (measured with AVX-512 without bfloat16 instructions).
    private const long NumSingleOutputs = 400_000;

    // Numbers of rows: around the tiles of our kernels (4, 6 and their remainders) and of libraries (powers of two, 12, 24, 48). The first ones
    // are always tried.
    private static readonly int[] Counts =
        [1, 2, 3, 5, 8, 16, 17, 7, 4, 6, 9, 10, 11, 12, 13, 14, 15, 18, 19, 20, 21, 22, 23, 24, 25, 31, 32, 33, 47, 48, 49, 63, 64];

    /// <summary>Whether all comparisons are equal.</summary>
    /// <param name="linear">The layer.</param>
    /// <param name="isSpent">Whether there is no more time.</param>
    public static bool Holds<T>(LinearLayer<T> linear, Func<bool> isSpent)
        where T : unmanaged
    {
        using NativeBuffer<T> input = new((long)NumRows * linear.NumInputs);
        Random random = new(1);
        long numSingleOutputs = 0;
        for (int kind = 0; kind == 0 || (numSingleOutputs < NumSingleOutputs && !isSpent()); kind++)
        {
            Fill(input, kind, random);
            LinearResult<T> whole = linear.Forward(input.Pointer, NumRows);
            bool isEqual = CountsAgree(linear, input.Pointer, whole.Data, isSpent) && SinglesAgree(linear, input.Pointer, whole.Data, isSpent, ref numSingleOutputs);
            whole.Dispose();
            if (!isEqual)
            {
                return false;
            }
        }

        return true;
    }

    // Uniform first, then of every magnitude, so that sums round in all their digits.
    private static void Fill<T>(NativeBuffer<T> input, int kind, Random random)
        where T : unmanaged
    {
        for (long i = 0; i < input.Length; i++)
        {
            float value = (2 * random.NextSingle()) - 1;
            Element<T>.Store(input.Pointer + i, kind % 2 == 0 ? value : MathF.ScaleB(value, random.Next(-12, 5)));
        }
    }

    private static bool CountsAgree<T>(LinearLayer<T> linear, T* input, T* whole, Func<bool> isSpent)
        where T : unmanaged
    {
        for (int i = 0; i < Counts.Length && (i < NumAlways || !isSpent()); i++)
        {
            // The last rows, so that a row's place in the batch changes too.
            if (!Agrees(linear, input, whole, NumRows - Counts[i], Counts[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool SinglesAgree<T>(LinearLayer<T> linear, T* input, T* whole, Func<bool> isSpent, ref long numOutputs)
        where T : unmanaged
    {
        for (int row = 0; row < NumRows && !isSpent(); row++, numOutputs += linear.NumOutputs)
        {
            if (!Agrees(linear, input, whole, row, 1))
            {
                return false;
            }
        }

        return true;
    }

    private static bool Agrees<T>(LinearLayer<T> linear, T* input, T* whole, int first, int count)
        where T : unmanaged
    {
        LinearResult<T> part = linear.Forward(input + ((long)first * linear.NumInputs), count);
        ReadOnlySpan<byte> expected = new(whole + ((long)first * linear.NumOutputs), checked(count * linear.NumOutputs * sizeof(T)));
        bool isEqual = expected.SequenceEqual(new ReadOnlySpan<byte>(part.Data, expected.Length));
        part.Dispose();
        return isEqual;
    }
}
