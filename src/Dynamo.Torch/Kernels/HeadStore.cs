using System.Runtime.Intrinsics;
using Dynamo.Torch.Configuration;
using Dynamo.Torch.Numerics;

namespace Dynamo.Torch.Kernels;

/// <summary>Where the heads of a row go: keys and values to the cache in its type, queries to float32 in the order that the cache is read in.</summary>
/// <typeparam name="TActivation">Element of activations.</typeparam>
/// <typeparam name="T">Element of the cache.</typeparam>
internal static unsafe class HeadStore<TActivation, T>
    where TActivation : unmanaged
    where T : unmanaged
{
    /// <summary>For each element of an expanded head (<see cref="HeadKernels{T}"/>) its place in a query.</summary>
    /// <param name="headSize">Elements.</param>
    /// <param name="padded">The size in the cache.</param>
    /// <returns>[headSize], or <see langword="null"/> when every element keeps its place.</returns>
    public static int[]? QueryOrder(int headSize, int padded)
    {
        int half = headSize / 2;
        int[] order = new int[headSize];
        bool isIdentity = true;
        for (int i = 0; i < headSize; i++)
        {
            long expanded = (i / half * half) + Element<TActivation>.ExpandedIndex(i % half, half);
            order[expanded] = (int)Element<T>.ExpandedIndex(i, padded);
            isIdentity &= order[expanded] == expanded;
        }

        return isIdentity ? null : order;
    }

    /// <summary>Scales an expanded query and puts it in the order of the cache.</summary>
    /// <param name="head">Expanded, [headSize].</param>
    /// <param name="target">Float32, [padded]; the padding becomes zero.</param>
    /// <param name="order">From <see cref="QueryOrder"/>, or null.</param>
    /// <param name="headSize">Elements.</param>
    /// <param name="padded">The size in the cache.</param>
    /// <param name="scale">Factor of the scores.</param>
    public static void StoreQuery(float* head, float* target, int* order, int headSize, int padded, float scale)
    {
        if (headSize < padded)
        {
            new Span<float>(target, padded).Clear();
        }

        int i = 0;
        if (order is null)
        {
            for (; i + 16 <= headSize; i += 16)
            {
                (Vector512.Load(head + i) * Vector512.Create(scale)).Store(target + i);
            }
        }

        for (; i < headSize; i++)
        {
            target[order is null ? i : order[i]] = head[i] * scale;
        }
    }

    /// <summary>Rounds an expanded key into a row of the cache.</summary>
    public static void StoreKey(float* head, in KVHead<T> cache, T* row)
    {
        if (typeof(TActivation) == typeof(T))
        {
            int half = cache.HeadSize / 2;
            Element<T>.Contract(head, row, half);
            Element<T>.Contract(head + half, row + half, half);
        }
        else
        {
            // Expanding float32 activations moved nothing.
            TorchDType<T>.Convert(TensorDType.Float32, head, row, cache.HeadSize);
        }

        cache.ClearPadding(row);
    }

    /// <summary>Rounds a value as it comes from its projection into a row of the cache.</summary>
    public static void StoreValue(TActivation* head, in KVHead<T> cache, T* row)
    {
        if (typeof(TActivation) == typeof(T))
        {
            new Span<T>(head, cache.HeadSize).CopyTo(new Span<T>(row, cache.HeadSize));
        }
        else
        {
            TorchDType<T>.Convert(TensorDType.Float32, head, row, cache.HeadSize);
        }

        cache.ClearPadding(row);
    }
}
