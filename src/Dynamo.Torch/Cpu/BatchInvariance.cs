using Dynamo.Torch.Layers;
using Dynamo.Torch.Native;
using Dynamo.Torch.Numerics;

namespace Dynamo.Torch.Cpu;

/// <summary>
/// Checks at start-up what exactness rests on and only oneDNN can break: that a row of a packed linear layer is the same bits alone and
/// among others. One layer of each shape, a few batch sizes, and the more rows the smaller a layer is, since where it fails it may do so in
/// few elements; some milliseconds.
/// </summary>
internal static unsafe class BatchInvariance
{
    private const int NumThorough = 2;
    private const int MinRows = 33;
    private const int MaxRows = 1024;

    // Elements of output to compare, and weights to read for each of the first batch sizes, where the rows allow it. The others take one part.
    private const int NumSamples = 1 << 18;
    private const int NumWeights = 1 << 21;

    private static readonly int[] Sizes = [1, 16, 2, 3, 5, 8, 17];

    /// <summary>Whether it holds for the layers of a model.</summary>
    public static bool Holds<TActivation, T>(DecoderModel<TActivation, T> model)
        where TActivation : unmanaged
        where T : unmanaged
    {
        DecoderLayer<TActivation, T> layer = model.Layers[0];
        GatedMlp<TActivation, T> mlp = layer.Mlp ?? layer.Experts[0];
        return Holds(layer.Qkv) && Holds(layer.Output) && Holds(mlp.GateUp) && Holds(mlp.Down) && Holds(model.Head);
    }

    private static bool Holds<T>(LinearLayer<T> linear)
        where T : unmanaged
    {
        int numRows = Math.Clamp(NumSamples / linear.NumOutputs, MinRows, MaxRows);
        using NativeBuffer<T> input = new((long)numRows * linear.NumInputs);
        Random random = new(1);
        for (long i = 0; i < input.Length; i++)
        {
            Element<T>.Store(input.Pointer + i, (2 * random.NextSingle()) - 1);
        }

        LinearResult<T> whole = linear.Forward(input.Pointer, numRows);
        long maxParts = Math.Max(NumWeights / ((long)linear.NumInputs * linear.NumOutputs), 1);
        bool equal = true;
        for (int i = 0; i < Sizes.Length; i++)
        {
            // From the last row on, so that a row's place in the batch changes too.
            int size = Sizes[i];
            long numParts = i < NumThorough ? Math.Min(maxParts, numRows / size) : 1;
            for (long part = 1; part <= numParts; part++)
            {
                equal &= IsEqual(linear, input.Pointer, whole.Data, numRows - (part * size), size);
            }
        }

        whole.Dispose();
        return equal;
    }

    private static bool IsEqual<T>(LinearLayer<T> linear, T* input, T* whole, long first, int size)
        where T : unmanaged
    {
        LinearResult<T> part = linear.Forward(input + (first * linear.NumInputs), size);
        ReadOnlySpan<byte> expected = new(whole + (first * linear.NumOutputs), checked(size * linear.NumOutputs * sizeof(T)));
        bool equal = expected.SequenceEqual(new ReadOnlySpan<byte>(part.Data, expected.Length));
        part.Dispose();
        return equal;
    }
}
