using Dynamo.Torch.Cpu;
using Dynamo.Torch.Kernels;
using Dynamo.Torch.Numerics;
using Xunit;

namespace Dynamo.TorchTests.Kernels;

/// <summary>Head sizes below, at and between the multiples of 32 that kernels read at once, in all three pairs of types.</summary>
public sealed unsafe class HeadStoreTests
{
    private const float Scale = 0.5f;

    [Theory]
    [InlineData(2)]
    [InlineData(24)]
    [InlineData(32)]
    [InlineData(64)]
    [InlineData(80)]
    [InlineData(96)]
    [InlineData(128)]
    public void Store_AnyHeadSize_PutsKeyAndQueryInOneOrderAndZerosBehind(int headSize)
    {
        Check<Bf16, Bf16>(headSize);
        Check<float, float>(headSize);
        Check<float, Bf16>(headSize);
    }

    private static void Check<TActivation, T>(int headSize)
        where TActivation : unmanaged
        where T : unmanaged
    {
        int padded = KVCache<T>.Padded(headSize);
        TActivation[] source = new TActivation[headSize];
        T[] keyRow = Garbage<T>(padded);
        T[] valueRow = Garbage<T>(padded);
        float[] query = new float[padded];
        float[] expanded = new float[headSize];
        float[] expandedKey = new float[padded];
        int[]? order = HeadStore<TActivation, T>.QueryOrder(headSize, padded);
        KVHead<T> cache = new() { HeadSize = headSize, RowStride = padded };
        fixed (TActivation* head = source)
        fixed (T* key = keyRow, value = valueRow)
        fixed (float* wide = expanded, target = query, keyValues = expandedKey)
        fixed (int* places = order)
        {
            for (int i = 0; i < headSize; i++)
            {
                Element<TActivation>.Store(head + i, i + 1);
            }

            HeadKernels<TActivation>.Expand(head, wide, headSize / 2);
            HeadStore<TActivation, T>.StoreKey(wide, cache, key);
            HeadStore<TActivation, T>.StoreValue(head, cache, value);
            HeadStore<TActivation, T>.StoreQuery(wide, target, places, headSize, padded, Scale);
            for (int i = 0; i < padded; i++)
            {
                float expected = i < headSize ? i + 1 : 0;
                Assert.Equal((expected, expected), (Element<T>.Load(key + i), Element<T>.Load(value + i)));
            }

            // The query lies in the order that the kernel reads a key in, scaled.
            Element<T>.Expand(key, keyValues, padded);
            Assert.Equal(expandedKey.Select(static v => v * Scale), query);
        }
    }

    private static T[] Garbage<T>(int length)
        where T : unmanaged
    {
        T[] row = new T[length];
        fixed (T* p = row)
        {
            for (int i = 0; i < length; i++)
            {
                Element<T>.Store(p + i, 999);
            }
        }

        return row;
    }
}
