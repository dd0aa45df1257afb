using Dynamo.Torch.Layers;
using Dynamo.Torch.Native;
using Dynamo.Torch.Numerics;

namespace Dynamo.Torch.Cpu;

/// <summary>
/// Checks at start-up what exactness rests on and only oneDNN can break: that a row of a packed linear layer is the same bits alone and
/// among others. One layer of each shape, a few batch sizes; some milliseconds.
/// </summary>
internal static unsafe class BatchInvariance
{
    private const int NumRows = 33;
    private static readonly int[] Sizes = [1, 2, 3, 5, 8, 16, 17];

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
        using NativeBuffer<T> input = new((long)NumRows * linear.NumInputs);
        Random random = new(1);
        for (long i = 0; i < input.Length; i++)
        {
            Element<T>.Store(input.Pointer + i, (2 * random.NextSingle()) - 1);
        }

        LinearResult<T> whole = linear.Forward(input.Pointer, NumRows);
        bool equal = true;
        foreach (int size in Sizes)
        {
            // The last rows, so that a row's place in the batch changes too.
            long first = NumRows - size;
            LinearResult<T> part = linear.Forward(input.Pointer + (first * linear.NumInputs), size);
            ReadOnlySpan<byte> expected = new(whole.Data + (first * linear.NumOutputs), checked(size * linear.NumOutputs * sizeof(T)));
            equal &= expected.SequenceEqual(new ReadOnlySpan<byte>(part.Data, expected.Length));
            part.Dispose();
        }

        whole.Dispose();
        return equal;
    }
}
