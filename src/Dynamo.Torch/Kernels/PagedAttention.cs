using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Dynamo.Torch.Numerics;

namespace Dynamo.Torch.Kernels;

/// <summary>
/// Causal attention of query vectors over one KV head of a paged cache, read in place. A tile of up to four query vectors (heads of one
/// group, or neighbouring rows) shares each key and value read; a vector's result is the same bits in any tile, because every sum runs over
/// positions in the same order and lanes, and positions outside a vector's range add exact zeros.
/// </summary>
/// <remarks>
/// Scores of all positions, softmax, then the weighted sum of values: two passes over the cache. Head sizes are padded with zeros to a
/// multiple of 32 in queries and cache (<see cref="KVHead{T}.RowStride"/>).
/// </remarks>
/// <typeparam name="TActivation">Element of outputs.</typeparam>
/// <typeparam name="T">Element of the cache.</typeparam>
internal static unsafe class PagedAttention<TActivation, T>
    where TActivation : unmanaged
    where T : unmanaged
{
    private const int TileSize = QueryTile<TActivation>.Size;

    /// <summary>Floats of scratch that one worker needs.</summary>
    /// <param name="maxLength">Longest sequence.</param>
    public static long ScratchLength(int maxLength) => TileSize * (ScoreStride(maxLength) + 16);

    /// <summary>Attends for one tile.</summary>
    /// <param name="tile">Query vectors and where their results go.</param>
    /// <param name="cache">The KV head.</param>
    /// <param name="scratch">This worker's scratch, <see cref="ScratchLength"/> floats.</param>
    public static void Attend(in QueryTile<TActivation> tile, in KVHead<T> cache, float* scratch)
    {
        int padded = cache.RowStride;
        int lowest = int.MaxValue;
        int highest = 0;
        for (int v = 0; v < tile.Count; v++)
        {
            lowest = Math.Min(lowest, cache.FirstVisible(tile.Positions[v]));
            highest = Math.Max(highest, tile.Positions[v]);
        }

        // Scores of position t lie at t - origin; origin is a multiple of 16, so a position keeps its lane whatever the tile.
        int origin = lowest & -16;
        int length = highest + 1 - origin;
        long stride = ScoreStride(length);
        float* scores = scratch;
        if (tile.Count == TileSize)
        {
            ScoreFour(tile, cache, lowest, highest, origin, scores, stride);
        }
        else
        {
            for (int v = 0; v < tile.Count; v++)
            {
                ScoreOne(tile.Query(v), cache, lowest, highest, origin, scores + (v * stride));
            }
        }

        for (int v = 0; v < tile.Count; v++)
        {
            int first = cache.FirstVisible(tile.Positions[v]) - origin;
            Softmax(scores + (v * stride), first, tile.Positions[v] + 1 - origin, (int)stride);
        }

        if (tile.Count == TileSize)
        {
            for (int d = 0; d < padded; d += Element<T>.PairLength)
            {
                // Sixteen registers of 256 bits hold the sums of two queries, thirty-two of 512 bits those of four.
                if (Avx512BW.IsSupported)
                {
                    MixFour(tile, cache, lowest, highest, origin, scores, stride, d);
                }
                else
                {
                    MixTwo(tile, 0, cache, lowest, highest, origin, scores, stride, d);
                    MixTwo(tile, 2, cache, lowest, highest, origin, scores, stride, d);
                }
            }
        }
        else
        {
            for (int v = 0; v < tile.Count; v++)
            {
                for (int d = 0; d < padded; d += Element<T>.PairLength)
                {
                    MixOne(tile.Output(v), cache, lowest, highest, origin, scores + (v * stride), d);
                }
            }
        }
    }

    private static long ScoreStride(int length) => ((long)length + 31) & -16;

    private static void ScoreFour(in QueryTile<TActivation> tile, in KVHead<T> cache, int lowest, int highest, int origin, float* scores, long stride)
    {
        int padded = cache.RowStride;
        float* query0 = tile.Query(0);
        float* query1 = tile.Query(1);
        float* query2 = tile.Query(2);
        float* query3 = tile.Query(3);
        for (int start = lowest; start <= highest;)
        {
            int end = cache.EndOfBlock(start, highest);
            T* key = cache.Key(start);
            T* ahead = end <= highest ? cache.Key(end) : key;
            for (int t = start; t < end; t++, key += cache.RowStride, ahead += cache.RowStride)
            {
                Prefetch(ahead, padded);
                Vector512<float> sum0 = Vector512<float>.Zero;
                Vector512<float> sum1 = Vector512<float>.Zero;
                Vector512<float> sum2 = Vector512<float>.Zero;
                Vector512<float> sum3 = Vector512<float>.Zero;
                for (int d = 0; d < padded; d += Element<T>.PairLength)
                {
                    Element<T>.LoadPair(key + d, out Vector512<float> first, out Vector512<float> second);
                    sum0 = Vector512.FusedMultiplyAdd(second, Vector512.Load(query0 + d + 16), Vector512.FusedMultiplyAdd(first, Vector512.Load(query0 + d), sum0));
                    sum1 = Vector512.FusedMultiplyAdd(second, Vector512.Load(query1 + d + 16), Vector512.FusedMultiplyAdd(first, Vector512.Load(query1 + d), sum1));
                    sum2 = Vector512.FusedMultiplyAdd(second, Vector512.Load(query2 + d + 16), Vector512.FusedMultiplyAdd(first, Vector512.Load(query2 + d), sum2));
                    sum3 = Vector512.FusedMultiplyAdd(second, Vector512.Load(query3 + d + 16), Vector512.FusedMultiplyAdd(first, Vector512.Load(query3 + d), sum3));
                }

                float* score = scores + (t - origin);
                score[0] = Reduce(sum0);
                score[stride] = Reduce(sum1);
                score[2 * stride] = Reduce(sum2);
                score[3 * stride] = Reduce(sum3);
            }

            start = end;
        }
    }

    private static void ScoreOne(float* query, in KVHead<T> cache, int lowest, int highest, int origin, float* scores)
    {
        int padded = cache.RowStride;
        for (int start = lowest; start <= highest;)
        {
            int end = cache.EndOfBlock(start, highest);
            T* key = cache.Key(start);
            T* ahead = end <= highest ? cache.Key(end) : key;
            for (int t = start; t < end; t++, key += cache.RowStride, ahead += cache.RowStride)
            {
                Prefetch(ahead, padded);
                Vector512<float> sum = Vector512<float>.Zero;
                for (int d = 0; d < padded; d += Element<T>.PairLength)
                {
                    Element<T>.LoadPair(key + d, out Vector512<float> first, out Vector512<float> second);
                    sum = Vector512.FusedMultiplyAdd(second, Vector512.Load(query + d + 16), Vector512.FusedMultiplyAdd(first, Vector512.Load(query + d), sum));
                }

                scores[t - origin] = Reduce(sum);
            }

            start = end;
        }
    }

    // Positions outside [first, end) get probability 0; the row is a multiple of 16 long.
    private static void Softmax(float* scores, int first, int end, int length)
    {
        for (int i = 0; i < first; i++)
        {
            scores[i] = float.NegativeInfinity;
        }

        for (int i = end; i < length; i++)
        {
            scores[i] = float.NegativeInfinity;
        }

        Vector512<float> maxes = Vector512.Create(float.NegativeInfinity);
        for (int i = 0; i < length; i += 16)
        {
            maxes = Vector512.MaxNative(maxes, Vector512.Load(scores + i));
        }

        float max = float.NegativeInfinity;
        for (int lane = 0; lane < 16; lane++)
        {
            max = MathF.Max(max, maxes[lane]);
        }

        Vector512<float> shift = Vector512.Create(max);
        Vector512<float> sum = Vector512<float>.Zero;
        for (int i = 0; i < length; i += 16)
        {
            Vector512<float> weight = Vector512.Exp(Vector512.Load(scores + i) - shift);
            weight.Store(scores + i);
            sum += weight;
        }

        Vector512<float> inverse = Vector512.Create(1 / Reduce(sum));
        for (int i = 0; i < length; i += 16)
        {
            (Vector512.Load(scores + i) * inverse).Store(scores + i);
        }
    }

    private static void MixFour(in QueryTile<TActivation> tile, in KVHead<T> cache, int lowest, int highest, int origin, float* scores, long stride, int d)
    {
        Vector512<float> a0 = Vector512<float>.Zero, a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
        for (int start = lowest; start <= highest;)
        {
            int end = cache.EndOfBlock(start, highest);
            T* value = cache.Value(start) + d;
            for (int t = start; t < end; t++, value += cache.RowStride)
            {
                Element<T>.LoadPair(value, out Vector512<float> first, out Vector512<float> second);
                float* score = scores + (t - origin);
                Vector512<float> p = Vector512.Create(score[0]);
                a0 = Vector512.FusedMultiplyAdd(p, first, a0);
                a1 = Vector512.FusedMultiplyAdd(p, second, a1);
                p = Vector512.Create(score[stride]);
                b0 = Vector512.FusedMultiplyAdd(p, first, b0);
                b1 = Vector512.FusedMultiplyAdd(p, second, b1);
                p = Vector512.Create(score[2 * stride]);
                c0 = Vector512.FusedMultiplyAdd(p, first, c0);
                c1 = Vector512.FusedMultiplyAdd(p, second, c1);
                p = Vector512.Create(score[3 * stride]);
                d0 = Vector512.FusedMultiplyAdd(p, first, d0);
                d1 = Vector512.FusedMultiplyAdd(p, second, d1);
            }

            start = end;
        }

        StoreOutput(tile.Output(0), d, cache.HeadSize, a0, a1);
        StoreOutput(tile.Output(1), d, cache.HeadSize, b0, b1);
        StoreOutput(tile.Output(2), d, cache.HeadSize, c0, c1);
        StoreOutput(tile.Output(3), d, cache.HeadSize, d0, d1);
    }

    private static void MixTwo(in QueryTile<TActivation> tile, int query, in KVHead<T> cache, int lowest, int highest, int origin, float* scores, long stride, int d)
    {
        Vector512<float> a0 = Vector512<float>.Zero, a1 = a0, b0 = a0, b1 = a0;
        scores += query * stride;
        for (int start = lowest; start <= highest;)
        {
            int end = cache.EndOfBlock(start, highest);
            T* value = cache.Value(start) + d;
            for (int t = start; t < end; t++, value += cache.RowStride)
            {
                Element<T>.LoadPair(value, out Vector512<float> first, out Vector512<float> second);
                float* score = scores + (t - origin);
                Vector512<float> p = Vector512.Create(score[0]);
                a0 = Vector512.FusedMultiplyAdd(p, first, a0);
                a1 = Vector512.FusedMultiplyAdd(p, second, a1);
                p = Vector512.Create(score[stride]);
                b0 = Vector512.FusedMultiplyAdd(p, first, b0);
                b1 = Vector512.FusedMultiplyAdd(p, second, b1);
            }

            start = end;
        }

        StoreOutput(tile.Output(query), d, cache.HeadSize, a0, a1);
        StoreOutput(tile.Output(query + 1), d, cache.HeadSize, b0, b1);
    }

    private static void MixOne(TActivation* output, in KVHead<T> cache, int lowest, int highest, int origin, float* scores, int d)
    {
        Vector512<float> a0 = Vector512<float>.Zero;
        Vector512<float> a1 = Vector512<float>.Zero;
        for (int start = lowest; start <= highest;)
        {
            int end = cache.EndOfBlock(start, highest);
            T* value = cache.Value(start) + d;
            for (int t = start; t < end; t++, value += cache.RowStride)
            {
                Element<T>.LoadPair(value, out Vector512<float> first, out Vector512<float> second);
                Vector512<float> p = Vector512.Create(scores[t - origin]);
                a0 = Vector512.FusedMultiplyAdd(p, first, a0);
                a1 = Vector512.FusedMultiplyAdd(p, second, a1);
            }

            start = end;
        }

        StoreOutput(output, d, cache.HeadSize, a0, a1);
    }

    private static void StoreOutput(TActivation* output, int d, int headSize, Vector512<float> first, Vector512<float> second)
    {
        TActivation* target = output + d;
        int length = Math.Min(Element<T>.PairLength, headSize - d);
        if (typeof(TActivation) == typeof(T) && length == Element<T>.PairLength)
        {
            Element<TActivation>.StorePair(target, first, second);
            return;
        }

        float* pair = stackalloc float[Element<T>.PairLength];
        first.Store(pair);
        second.Store(pair + 16);
        for (int i = 0; i < length; i++)
        {
            Element<TActivation>.Store(target + i, pair[Element<T>.ExpandedIndex(i, Element<T>.PairLength)]);
        }
    }

    // The rows of the next block at the same place: the hardware does not follow the block table.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(T* row, int padded)
    {
        if (Sse.IsSupported)
        {
            for (int i = 0; i < padded; i += 64 / sizeof(T))
            {
                Sse.Prefetch0(row + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Reduce(Vector512<float> value) => Vector512.Sum(value);
}
