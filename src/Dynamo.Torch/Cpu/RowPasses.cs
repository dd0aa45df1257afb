using Dynamo.Torch.Kernels;
using Dynamo.Torch.Native;

namespace Dynamo.Torch.Cpu;

/// <summary>Runs <see cref="RowKernels{T}"/> over the rows of a step, in parallel where that is worth it.</summary>
/// <typeparam name="T">Element of activations.</typeparam>
internal static unsafe class RowPasses<T>
    where T : unmanaged
{
    /// <summary>target = RMSNorm(residual).</summary>
    /// <param name="residual">Float32 rows [length] in pair order.</param>
    /// <param name="weight">Float32 in pair order, [length].</param>
    /// <param name="target">Rows [length].</param>
    /// <param name="length">Elements of a row.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="numRows">Rows.</param>
    public static void Normalize(float* residual, float* weight, T* target, int length, float epsilon, int numRows)
    {
        Arguments arguments = new() { Residual = residual, Weight = weight, Target = target, Length = length, Epsilon = epsilon };
        TorchParallel.For(numRows, Grain(length), &NormalizeRows, &arguments);
    }

    /// <summary>residual += delta; then, while the row is in cache, target = RMSNorm(residual) unless there is no weight.</summary>
    /// <inheritdoc cref="Normalize"/>
    public static void AddAndNormalize(float* residual, T* delta, float* weight, T* target, int length, float epsilon, int numRows)
    {
        Arguments arguments = new() { Residual = residual, Source = delta, Weight = weight, Target = target, Length = length, Epsilon = epsilon };
        TorchParallel.For(numRows, Grain(length), &AddRows, &arguments);
    }

    /// <summary>target = silu(gate) * up.</summary>
    /// <param name="gateUp">Rows [gate, up].</param>
    /// <param name="target">Rows [length].</param>
    /// <param name="length">Elements of gate, and of up.</param>
    /// <param name="numRows">Rows.</param>
    public static void Activate(T* gateUp, T* target, int length, int numRows)
    {
        Arguments arguments = new() { Source = gateUp, Target = target, Length = length };
        TorchParallel.For(numRows, Grain(length), &ActivateRows, &arguments);
    }

    // Rows that are worth waking another thread for: some 16k elements.
    private static long Grain(int length) => Math.Max(1, 16384 / length);

    private static void NormalizeRows(long begin, long end, void* pointer)
    {
        Arguments* a = (Arguments*)pointer;
        for (long row = begin; row < end; row++)
        {
            RowKernels<T>.RmsNorm(a->Residual + (row * a->Length), a->Weight, (T*)a->Target + (row * a->Length), a->Length, a->Epsilon);
        }
    }

    private static void AddRows(long begin, long end, void* pointer)
    {
        Arguments* a = (Arguments*)pointer;
        for (long row = begin; row < end; row++)
        {
            float* x = a->Residual + (row * a->Length);
            RowKernels<T>.Add(x, (T*)a->Source + (row * a->Length), a->Length);
            if (a->Weight is not null)
            {
                RowKernels<T>.RmsNorm(x, a->Weight, (T*)a->Target + (row * a->Length), a->Length, a->Epsilon);
            }
        }
    }

    private static void ActivateRows(long begin, long end, void* pointer)
    {
        Arguments* a = (Arguments*)pointer;
        for (long row = begin; row < end; row++)
        {
            T* gate = (T*)a->Source + (2 * row * a->Length);
            RowKernels<T>.SiluMul(gate, gate + a->Length, (T*)a->Target + (row * a->Length), a->Length);
        }
    }

    private struct Arguments
    {
        public float* Residual;
        public float* Weight;
        public void* Source;
        public void* Target;
        public int Length;
        public float Epsilon;
    }
}
