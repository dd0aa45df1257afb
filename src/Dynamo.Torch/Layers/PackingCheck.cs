using Dynamo.Torch.Kernels;
using Dynamo.Torch.Native;
using Dynamo.Torch.Numerics;

namespace Dynamo.Torch.Layers;

/// <summary>
/// Compares a packed layer with the weights that it was made of, on one row of random signs: how oneDNN packs and multiplies depends on the
/// processor, and a layer that is wrong there would only be seen in wrong tokens. One pass over the weights, at loading.
/// </summary>
internal static unsafe class PackingCheck
{
    // Outputs whose errors are judged together, so that one wrong output among 64 right ones is seen.
    private const int ChunkLength = 64;

    // Largest L2 error of a chunk relative to that of its weights, which is what random signs make of them: far above rounding; in float32
    // one lost weight among 64 outputs of a million inputs is above it.
    private static double Bound<T>()
        where T : unmanaged => Element<T>.IsBf16 ? 1e-2 : 1e-4;

    /// <summary>Returns when they agree.</summary>
    /// <param name="linear">The layer, yet without bias.</param>
    /// <param name="weight">Its weights, row-major [NumOutputs, NumInputs].</param>
    /// <exception cref="PlatformNotSupportedException">They do not; the message says what to do.</exception>
    public static void Run<T>(LinearLayer<T> linear, T* weight)
        where T : unmanaged
    {
        using NativeBuffer<T> input = new(linear.NumInputs);
        Random random = new(1);
        for (int i = 0; i < linear.NumInputs; i++)
        {
            Element<T>.Store(input.Pointer + i, random.Next(2) == 0 ? -1 : 1);
        }

        LinearResult<T> result = linear.Forward(input.Pointer, 1);
        int wrong = FirstWrong(linear, weight, input.Pointer, result.Data);
        result.Dispose();
        if (wrong >= 0)
        {
            throw new PlatformNotSupportedException(
                $"oneDNN computes a linear layer [{linear.NumOutputs}, {linear.NumInputs}] in {TorchDType<T>.Name} wrongly on this processor, from output {wrong} on. "
                + "Set ONEDNN_MAX_CPU_ISA=AVX2 in the environment, or try another dtype.");
        }
    }

    // First output of the first chunk that is too far off, or -1. A chunk with weights that are no numbers has nothing to compare.
    private static int FirstWrong<T>(LinearLayer<T> linear, T* weight, T* input, T* output)
        where T : unmanaged
    {
        for (int start = 0; start < linear.NumOutputs; start += ChunkLength)
        {
            double error = 0;
            double norm = 0;
            for (int i = start; i < Math.Min(start + ChunkLength, linear.NumOutputs); i++)
            {
                T* row = weight + ((long)i * linear.NumInputs);
                double difference = Element<T>.Load(output + i) - RowKernels<T>.Dot(input, row, linear.NumInputs);
                error += difference * difference;
                norm += RowKernels<T>.Dot(row, row, linear.NumInputs);
            }

            if (double.IsFinite(norm) && !(error <= norm * Bound<T>() * Bound<T>()))
            {
                return start;
            }
        }

        return -1;
    }
}
