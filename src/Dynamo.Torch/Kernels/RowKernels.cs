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

    /// <summary>RmsNorm of one head in place: activations in, activations out (Qwen3's query and key norm).</summary>
    /// <param name="x">The head.</param>
    /// <param name="weight">Float32 in pair order, [length].</param>
    /// <param name="scratch">Float32, [length].</param>
    /// <param name="length">Head size.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    public static void RmsNormInPlace(T* x, float* weight, float* scratch, int length, float epsilon)
    {
        Element<T>.Expand(x, scratch, length);
        RmsNorm(scratch, weight, x, length, epsilon);
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

    /// <summary>Rotates one head by position: (a, b) → (a cos − b sin, b cos + a sin), where b lies half a head behind a.</summary>
    /// <param name="head">The head, [headSize], in place.</param>
    /// <param name="cos">Float32 in pair order, [headSize / 2].</param>
    /// <param name="sin">As <paramref name="cos"/>.</param>
    /// <param name="half">Half the head size.</param>
    public static void Rope(T* head, float* cos, float* sin, int half)
    {
        int i = 0;
        for (; i + Element<T>.PairLength <= half; i += Element<T>.PairLength)
        {
            Element<T>.LoadPair(head + i, out Vector512<float> a0, out Vector512<float> a1);
            Element<T>.LoadPair(head + half + i, out Vector512<float> b0, out Vector512<float> b1);
            Vector512<float> cos0 = Vector512.Load(cos + i);
            Vector512<float> cos1 = Vector512.Load(cos + i + 16);
            Vector512<float> sin0 = Vector512.Load(sin + i);
            Vector512<float> sin1 = Vector512.Load(sin + i + 16);
            Element<T>.StorePair(head + i, (a0 * cos0) - (b0 * sin0), (a1 * cos1) - (b1 * sin1));
            Element<T>.StorePair(head + half + i, (b0 * cos0) + (a0 * sin0), (b1 * cos1) + (a1 * sin1));
        }

        for (; i < half; i++)
        {
            float a = Element<T>.Load(head + i);
            float b = Element<T>.Load(head + half + i);
            Element<T>.Store(head + i, (a * cos[i]) - (b * sin[i]));
            Element<T>.Store(head + half + i, (b * cos[i]) + (a * sin[i]));
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
