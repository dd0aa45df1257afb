using Dynamo.Torch.Kernels;

namespace Dynamo.Torch.Cpu;

/// <summary>The two parallel parts of one layer's attention. Bodies of <see cref="Native.TorchParallel"/>.</summary>
/// <typeparam name="TActivation">Element of activations.</typeparam>
/// <typeparam name="T">Element of the cache.</typeparam>
internal static unsafe class AttentionTasks<TActivation, T>
    where TActivation : unmanaged
    where T : unmanaged
{
    /// <summary>Of rows [begin, end): norms and rotates queries and keys, and writes keys and values to the cache.</summary>
    public static void PrepareRows(long begin, long end, void* pointer)
    {
        AttentionArguments<TActivation, T>* a = (AttentionArguments<TActivation, T>*)pointer;
        int headSize = a->HeadSize;
        int half = headSize / 2;
        int padded = a->Head.RowStride;
        float scale = 1 / MathF.Sqrt(headSize);
        float* head = stackalloc float[headSize];
        for (long row = begin; row < end; row++)
        {
            int position = a->Positions[row];
            float* cos = a->Cos + ((long)position * half);
            float* sin = a->Sin + ((long)position * half);
            TActivation* source = a->Qkv + (row * a->RowLength);
            float* query = a->Queries + (row * a->NumHeads * padded);
            for (int i = 0; i < a->NumHeads; i++, source += headSize, query += padded)
            {
                Prepare(source, head, a->QueryNorm, cos, sin, half, a->Epsilon);
                HeadStore<TActivation, T>.StoreQuery(head, query, a->QueryOrder, headSize, padded, scale);
            }

            KVHead<T> cache = a->HeadOf(a->SequenceOfRow[row], 0);
            T* key = cache.Key(position);
            for (int i = 0; i < a->NumKVHeads; i++, source += headSize, key += a->HeadStride)
            {
                Prepare(source, head, a->KeyNorm, cos, sin, half, a->Epsilon);
                HeadStore<TActivation, T>.StoreKey(head, cache, key);
            }

            T* value = cache.Value(position);
            for (int i = 0; i < a->NumKVHeads; i++, source += headSize, value += a->HeadStride)
            {
                HeadStore<TActivation, T>.StoreValue(source, cache, value);
            }
        }
    }

    /// <summary>
    /// One range of rows and one KV head. Query vectors of the task are numbered row by row, head by head within the group; four neighbours
    /// make a tile.
    /// </summary>
    public static void Attend(long task, int worker, void* pointer)
    {
        AttentionArguments<TActivation, T>* a = (AttentionArguments<TActivation, T>*)pointer;
        int kvHead = (int)(task % a->NumKVHeads);
        RowRange range = a->Ranges[task / a->NumKVHeads];
        KVHead<T> cache = a->HeadOf(range.Sequence, kvHead);
        int group = a->NumHeads / a->NumKVHeads;
        int numVectors = (range.End - range.Begin) * group;
        QueryTile<TActivation> tile = default;
        for (int first = 0; first < numVectors; first += QueryTile<TActivation>.Size)
        {
            tile.Count = Math.Min(QueryTile<TActivation>.Size, numVectors - first);
            for (int v = 0; v < tile.Count; v++)
            {
                int row = range.Begin + ((first + v) / group);
                long head = ((long)row * a->NumHeads) + ((long)kvHead * group) + ((first + v) % group);
                tile.Set(v, a->Positions[row], a->Queries + (head * cache.RowStride), a->Target + (head * cache.HeadSize));
            }

            PagedAttention<TActivation, T>.Attend(tile, cache, a->Scratch + (worker * a->ScratchLength));
        }
    }

    private static void Prepare(TActivation* source, float* head, float* norm, float* cos, float* sin, int half, float epsilon)
    {
        HeadKernels<TActivation>.Expand(source, head, half);
        if (norm is not null)
        {
            RowKernels<float>.RmsNorm(head, norm, head, 2 * half, epsilon);
        }

        HeadKernels<TActivation>.Rotate(head, cos, sin, half);
    }
}
