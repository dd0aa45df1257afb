using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Dynamo.Torch.Numerics;

namespace Dynamo.Torch.Kernels;

/// <summary>
/// What happens to one row between the linear layers. Each function sees one row only and works through it in one fixed order, so its
/// result depends on nothing else in the batch. Float32 rows are in pair order (<see cref="Element{T}"/>).
/// </summary>
/// <typeparam name="T">Element of activations: <see cref="Bf16"/> or <see cref="float"/>.</typeparam>
internal static unsafe class RowKernels<T>
    where T : unmanaged
{
    /// <summary>y = x / sqrt(mean(x²) + epsilon) * weight, computed in float32 and rounded once.</summary>
    public static void RmsNorm(float* x, float* weight, T* y, int length, float epsilon)
    {
        Vector512<float> scale = Vector512.Create(InverseRms(x, length, epsilon));
        int i = 0;
        for (; i + Element<T>.PairLength <= length; i += Element<T>.PairLength)
        {
            Vector512<float> first = Vector512.Load(x + i) * scale * Vector512.Load(weight + i);
            Vector512<float> second = Vector512.Load(x + i + 16) * scale * Vector512.Load(weight + i + 16);
            Element<T>.StorePair(y + i, first, second);
        }

        for (; i < length; i++)
        {
            Element<T>.Store(y + i, x[i] * scale[0] * weight[i]);
        }
    }

    /// <summary>As <see cref="RmsNorm"/>, but y stays float32, in natural order.</summary>
    public static void RmsNormWide(float* x, float* weight, float* y, int length, float epsilon)
    {
        float scale = InverseRms(x, length, epsilon);
        for (int i = 0; i < length; i++)
        {
            long from = Element<T>.ExpandedIndex(i, length);
            y[i] = x[from] * scale * weight[from];
        }
    }

    /// <summary>x += delta.</summary>
    public static void Add(float* x, T* delta, int length)
    {
        int i = 0;
        for (; i + Element<T>.PairLength <= length; i += Element<T>.PairLength)
        {
            Element<T>.LoadPair(delta + i, out Vector512<float> first, out Vector512<float> second);
            (Vector512.Load(x + i) + first).Store(x + i);
            (Vector512.Load(x + i + 16) + second).Store(x + i + 16);
        }

        for (; i < length; i++)
        {
            x[i] += Element<T>.Load(delta + i);
        }
    }

    /// <summary>x += weight * delta: one expert's share.</summary>
    public static void AddScaled(float* x, T* delta, float weight, int length)
    {
        Vector512<float> scale = Vector512.Create(weight);
        int i = 0;
        for (; i + Element<T>.PairLength <= length; i += Element<T>.PairLength)
        {
            Element<T>.LoadPair(delta + i, out Vector512<float> first, out Vector512<float> second);
            (Vector512.Load(x + i) + (first * scale)).Store(x + i);
            (Vector512.Load(x + i + 16) + (second * scale)).Store(x + i + 16);
        }

        for (; i < length; i++)
        {
            x[i] += Element<T>.Load(delta + i) * weight;
        }
    }

    /// <summary>y = silu(gate) * up, with silu(v) = v / (1 + exp(-v)).</summary>
    public static void SiluMul(T* gate, T* up, T* y, int length)
    {
        int i = 0;
        for (; i + Element<T>.PairLength <= length; i += Element<T>.PairLength)
        {
            Element<T>.LoadPair(gate + i, out Vector512<float> gate0, out Vector512<float> gate1);
            Element<T>.LoadPair(up + i, out Vector512<float> up0, out Vector512<float> up1);
            Element<T>.StorePair(y + i, Silu(gate0) * up0, Silu(gate1) * up1);
        }

        for (; i < length; i++)
        {
            float value = Element<T>.Load(gate + i);
            Element<T>.Store(y + i, value / (1 + MathF.Exp(-value)) * Element<T>.Load(up + i));
        }
    }

    /// <summary>Dot product of two activation rows, summed in float32.</summary>
    public static float Dot(T* a, T* b, int length)
    {
        Vector512<float> sum0 = Vector512<float>.Zero;
        Vector512<float> sum1 = Vector512<float>.Zero;
        int i = 0;
        for (; i + Element<T>.PairLength <= length; i += Element<T>.PairLength)
        {
            Element<T>.LoadPair(a + i, out Vector512<float> a0, out Vector512<float> a1);
            Element<T>.LoadPair(b + i, out Vector512<float> b0, out Vector512<float> b1);
            sum0 = Vector512.FusedMultiplyAdd(a0, b0, sum0);
            sum1 = Vector512.FusedMultiplyAdd(a1, b1, sum1);
        }

        float sum = Vector512.Sum(sum0 + sum1);
        for (; i < length; i++)
        {
            sum += Element<T>.Load(a + i) * Element<T>.Load(b + i);
        }

        return sum;
    }

    private static float InverseRms(float* x, int length, float epsilon)
    {
        Vector512<float> sum0 = Vector512<float>.Zero;
        Vector512<float> sum1 = Vector512<float>.Zero;
        int i = 0;
        for (; i + Element<T>.PairLength <= length; i += Element<T>.PairLength)
        {
            Vector512<float> first = Vector512.Load(x + i);
            Vector512<float> second = Vector512.Load(x + i + 16);
            sum0 = Vector512.FusedMultiplyAdd(first, first, sum0);
            sum1 = Vector512.FusedMultiplyAdd(second, second, sum1);
        }

        float sum = Vector512.Sum(sum0 + sum1);
        for (; i < length; i++)
        {
            sum += x[i] * x[i];
        }

        return 1 / MathF.Sqrt((sum / length) + epsilon);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Silu(Vector512<float> value) => value / (Vector512<float>.One + Vector512.Exp(-value));
}
