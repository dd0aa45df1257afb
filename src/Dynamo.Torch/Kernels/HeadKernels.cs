using System.Runtime.Intrinsics;
using Dynamo.Torch.Numerics;

namespace Dynamo.Torch.Kernels;

/// <summary>
/// What happens to one query or key head before attention, all in float32 and rounded once at the end. Each half of the head is expanded
/// for itself (<see cref="Element{T}.Expand"/>), so that elements that rotate together lie at the same place of their halves.
/// </summary>
/// <typeparam name="T">Element of activations.</typeparam>
internal static unsafe class HeadKernels<T>
    where T : unmanaged
{
    /// <summary>Expands both halves.</summary>
    /// <param name="head">[2 * half].</param>
    /// <param name="target">Float32, [2 * half].</param>
    /// <param name="half">Half the head size.</param>
    public static void Expand(T* head, float* target, int half)
    {
        Element<T>.Expand(head, target, half);
        Element<T>.Expand(head + half, target + half, half);
    }

    /// <summary>Rotates by position: (a, b) → (a cos − b sin, b cos + a sin), where b lies half a head behind a.</summary>
    /// <param name="head">Expanded, in place.</param>
    /// <param name="cos">Expanded, [half].</param>
    /// <param name="sin">As <paramref name="cos"/>.</param>
    /// <param name="half">Half the head size.</param>
    public static void Rotate(float* head, float* cos, float* sin, int half)
    {
        float* other = head + half;
        int i = 0;
        for (; i + 16 <= half; i += 16)
        {
            Vector512<float> a = Vector512.Load(head + i);
            Vector512<float> b = Vector512.Load(other + i);
            Vector512<float> c = Vector512.Load(cos + i);
            Vector512<float> s = Vector512.Load(sin + i);
            ((a * c) - (b * s)).Store(head + i);
            ((b * c) + (a * s)).Store(other + i);
        }

        for (; i < half; i++)
        {
            (float a, float b) = (head[i], other[i]);
            head[i] = (a * cos[i]) - (b * sin[i]);
            other[i] = (b * cos[i]) + (a * sin[i]);
        }
    }
}
