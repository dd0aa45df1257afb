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
/// multiple of 32 in the cache and in scratch (<see cref="Padded"/>).
/// </remarks>
/// <typeparam name="T">Element of queries, cache and output.</typeparam>
internal static unsafe class PagedAttention<T>
    where T : unmanaged
{
    /// <summary>Query vectors of a tile.</summary>
    public const int TileSize = 4;

    /// <summary>Head size in cache and scratch.</summary>
    public static int Padded(int headSize) => (headSize + Element<T>.PairLength - 1) & -Element<T>.PairLength;

    /// <summary>Floats of scratch that one worker needs.</summary>
    /// <param name="maxLength">Longest sequence.</param>
    /// <param name="headSize">Head size, not padded.</param>
    public static long ScratchLength(int maxLength, int headSize) => (TileSize * ((long)Padded(headSize) + ScoreStride(maxLength))) + (TileSize * 16);

    /// <summary>Attends for one tile.</summary>
    /// <param name="tile">Query vectors and where their results go.</param>
    /// <param name="cache">The KV head.</param>
    /// <param name="scratch">This worker's scratch, <see cref="ScratchLength"/> floats.</param>
    public static void Attend(in QueryTile<T> tile, in KVHead<T> cache, float* scratch)
    {
        int padded = Padded(cache.HeadSize);
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
        float* queries = scratch;
        float* scores = scratch + (TileSize * padded);
        for (int v = 0; v < tile.Count; v++)
        {
            LoadQuery(tile.Queries[v], queries + (v * padded), cache.HeadSize, padded, cache.Scale);
        }

        if (tile.Count == TileSize)
        {
            ScoreFour(queries, cache, lowest, highest, origin, scores, stride, padded);
        }
        else
        {
            for (int v = 0; v < tile.Count; v++)
            {
                ScoreOne(queries + (v * padded), cache, lowest, highest, origin, scores + (v * stride), padded);
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
                MixFour(tile, cache, lowest, highest, origin, scores, stride, d);
            }
        }
        else
        {
            for (int v = 0; v < tile.Count; v++)
            {
                for (int d = 0; d < padded; d += Element<T>.PairLength)
                {
                    MixOne(tile.Outputs[v], cache, lowest, highest, origin, scores + (v * stride), d);
                }
            }
        }
    }

    private static long ScoreStride(int length) => ((long)length + 31) & -16;

    private static void LoadQuery(T* query, float* target, int headSize, int padded, float scale)
    {
        int whole = headSize & -Element<T>.PairLength;
        Element<T>.Expand(query, target, whole);
        if (whole < padded)
        {
            T* tail = stackalloc T[Element<T>.PairLength];
            new Span<T>(tail, Element<T>.PairLength).Clear();
            new Span<T>(query + whole, headSize - whole).CopyTo(new Span<T>(tail, Element<T>.PairLength));
            Element<T>.Expand(tail, target + whole, Element<T>.PairLength);
        }

        Vector512<float> scales = Vector512.Create(scale);
        for (int i = 0; i < padded; i += 16)
        {
            (Vector512.Load(target + i) * scales).Store(target + i);
        }
    }

    private static void ScoreFour(float* queries, in KVHead<T> cache, int lowest, int highest, int origin, float* scores, long stride, int padded)
    {
        float* query1 = queries + padded;
        float* query2 = query1 + padded;
        float* query3 = query2 + padded;
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
                    sum0 = Vector512.FusedMultiplyAdd(second, Vector512.Load(queries + d + 16), Vector512.FusedMultiplyAdd(first, Vector512.Load(queries + d), sum0));
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

    private static void ScoreOne(float* query, in KVHead<T> cache, int lowest, int highest, int origin, float* scores, int padded)
    {
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

    private static void MixFour(in QueryTile<T> tile, in KVHead<T> cache, int lowest, int highest, int origin, float* scores, long stride, int d)
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

        StoreOutput(tile.Outputs[0], d, cache.HeadSize, a0, a1);
        StoreOutput(tile.Outputs[1], d, cache.HeadSize, b0, b1);
        StoreOutput(tile.Outputs[2], d, cache.HeadSize, c0, c1);
        StoreOutput(tile.Outputs[3], d, cache.HeadSize, d0, d1);
    }

    private static void MixOne(T* output, in KVHead<T> cache, int lowest, int highest, int origin, float* scores, int d)
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

    private static void StoreOutput(T* output, int d, int headSize, Vector512<float> first, Vector512<float> second)
    {
        if (d + Element<T>.PairLength <= headSize)
        {
            Element<T>.StorePair(output + d, first, second);
            return;
        }

        T* tail = stackalloc T[Element<T>.PairLength];
        Element<T>.StorePair(tail, first, second);
        new Span<T>(tail, headSize - d).CopyTo(new Span<T>(output + d, headSize - d));
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
