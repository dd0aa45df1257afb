using Dynamo.Engine.Execution;
using Dynamo.Torch.Configuration;
using Dynamo.Torch.Kernels;
using Dynamo.Torch.Layers;
using Dynamo.Torch.Native;

namespace Dynamo.Torch.Cpu;

/// <summary>
/// Attention of one layer for every row of a batch: rotates queries and keys, writes keys and values to the cache, then attends in tasks of
/// some neighbouring rows and one KV head, which threads take as they become free.
/// </summary>
/// <typeparam name="T">Element of activations and cache.</typeparam>
internal sealed unsafe class AttentionPass<T> : IDisposable
    where T : unmanaged
{
    // Rows of a sequence in one task: enough that a block of keys is used often while it is in cache.
    private const int RowsPerTask = 16;

    private readonly ModelConfig _config;
    private readonly KVCache<T> _cache;
    private readonly StepLimits _limits;
    private readonly int _numThreads;
    private readonly NativeBuffer<RowRange> _ranges;
    private readonly NativeBuffer<int> _sequenceOfRow;
    private readonly NativeBuffer<float> _scratch;
    private readonly long _scratchLength;
    private int _numRanges;

    public AttentionPass(ModelConfig config, KVCache<T> cache, StepLimits limits, int numThreads)
    {
        _config = config;
        _cache = cache;
        _limits = limits;
        _numThreads = numThreads;
        _ranges = new NativeBuffer<RowRange>((limits.MaxBatchedTokens / RowsPerTask) + limits.MaxNumSequences + 1);
        _sequenceOfRow = new NativeBuffer<int>(limits.MaxBatchedTokens);
        _scratchLength = PagedAttention<T>.ScratchLength(limits.MaxModelLength, config.HeadDim);
        _scratch = new NativeBuffer<float>(_scratchLength * numThreads);
    }

    /// <summary>Runs one layer.</summary>
    /// <param name="index">Layer.</param>
    /// <param name="layer">Its weights.</param>
    /// <param name="rope">Rotation of every position.</param>
    /// <param name="batch">The step.</param>
    /// <param name="positions">Position of each row.</param>
    /// <param name="qkv">Rows of query, key and value heads; queries and keys are rotated in place.</param>
    /// <param name="target">Rows of attended heads, [query size].</param>
    public void Run(int index, DecoderLayer<T> layer, RopeTable<T> rope, StepBatch batch, int* positions, T* qkv, T* target)
    {
        fixed (int* tables = batch.BlockTables, slots = batch.Slots)
        {
            Arguments arguments = new()
            {
                Qkv = qkv,
                Target = target,
                Positions = positions,
                BlockTables = tables,
                Slots = slots,
                SequenceOfRow = _sequenceOfRow.Pointer,
                Ranges = _ranges.Pointer,
                MaxBlocksPerSequence = _limits.MaxBlocksPerSequence,
                NumHeads = _config.NumHeads,
                NumKVHeads = _config.NumKVHeads,
                HeadSize = _config.HeadDim,
                QueryNorm = layer.QueryNorm is null ? null : layer.QueryNorm.Values,
                KeyNorm = layer.KeyNorm is null ? null : layer.KeyNorm.Values,
                Epsilon = _config.RmsNormEpsilon,
                Cos = rope.Cos(0),
                Sin = rope.Sin(0),
                Head = _cache.Head(index, 0, null, layer.Window),
                HeadStride = (long)_limits.BlockSize * PagedAttention<T>.Padded(_config.HeadDim),
                Scratch = _scratch.Pointer,
                ScratchLength = _scratchLength,
            };
            if (index == 0)
            {
                _numRanges = Plan(batch);
            }

            TorchParallel.For(batch.NumTokens, Math.Max(1, 4096 / _config.QuerySize), &RotateAndStore, &arguments);
            TorchParallel.Tasks((long)_numRanges * _config.NumKVHeads, _numThreads, &AttendTask, &arguments);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ranges.Dispose();
        _sequenceOfRow.Dispose();
        _scratch.Dispose();
    }

    // The same for every layer of a step. Rows with the longest context come first, so that no thread starts one when the others are done.
    private int Plan(StepBatch batch)
    {
        int count = 0;
        for (int sequence = 0; sequence < batch.NumSequences; sequence++)
        {
            int start = batch.RowStarts[sequence];
            int end = batch.RowStarts[sequence + 1];
            for (int row = start; row < end; row++)
            {
                _sequenceOfRow.Pointer[row] = sequence;
            }

            for (int last = end; last > start; last -= RowsPerTask)
            {
                _ranges.Pointer[count++] = new RowRange { Sequence = sequence, Begin = Math.Max(start, last - RowsPerTask), End = last };
            }
        }

        return count;
    }

    private static void RotateAndStore(long begin, long end, void* pointer)
    {
        Arguments* a = (Arguments*)pointer;
        int headSize = a->HeadSize;
        int half = headSize / 2;
        int rowLength = (a->NumHeads + (2 * a->NumKVHeads)) * headSize;
        float* scratch = stackalloc float[headSize];
        for (long row = begin; row < end; row++)
        {
            int position = a->Positions[row];
            float* cos = a->Cos + ((long)position * half);
            float* sin = a->Sin + ((long)position * half);
            T* head = a->Qkv + (row * rowLength);
            for (int i = 0; i < a->NumHeads + a->NumKVHeads; i++, head += headSize)
            {
                float* norm = i < a->NumHeads ? a->QueryNorm : a->KeyNorm;
                if (norm is not null)
                {
                    RowKernels<T>.RmsNormInPlace(head, norm, scratch, headSize, a->Epsilon);
                }

                RowKernels<T>.Rope(head, cos, sin, half);
            }

            T* key = a->Qkv + (row * rowLength) + ((long)a->NumHeads * headSize);
            T* value = key + ((long)a->NumKVHeads * headSize);
            KVHead<T> cache = a->HeadOf(a->SequenceOfRow[row], 0);
            for (int i = 0; i < a->NumKVHeads; i++, key += headSize, value += headSize)
            {
                cache.Store(key, cache.Key(position) + (i * a->HeadStride));
                cache.Store(value, cache.Value(position) + (i * a->HeadStride));
            }
        }
    }

    // Query vectors of the task are numbered row by row, head by head within the group; four neighbours make a tile.
    private static void AttendTask(long task, int worker, void* pointer)
    {
        Arguments* a = (Arguments*)pointer;
        int kvHead = (int)(task % a->NumKVHeads);
        RowRange range = a->Ranges[task / a->NumKVHeads];
        KVHead<T> cache = a->HeadOf(range.Sequence, kvHead);
        int group = a->NumHeads / a->NumKVHeads;
        int headSize = a->HeadSize;
        long qkvLength = (long)(a->NumHeads + (2 * a->NumKVHeads)) * headSize;
        long targetLength = (long)a->NumHeads * headSize;
        int numVectors = (range.End - range.Begin) * group;
        QueryTile<T> tile = new() { Queries = default, Outputs = default };
        for (int first = 0; first < numVectors; first += PagedAttention<T>.TileSize)
        {
            tile.Count = Math.Min(PagedAttention<T>.TileSize, numVectors - first);
            for (int v = 0; v < tile.Count; v++)
            {
                int row = range.Begin + ((first + v) / group);
                long offset = ((long)kvHead * group + ((first + v) % group)) * headSize;
                tile.Queries[v] = a->Qkv + (row * qkvLength) + offset;
                tile.Outputs[v] = a->Target + (row * targetLength) + offset;
                tile.Positions[v] = a->Positions[row];
            }

            PagedAttention<T>.Attend(tile, cache, a->Scratch + (worker * a->ScratchLength));
        }
    }

    private struct RowRange
    {
        public int Sequence;
        public int Begin;
        public int End;
    }

    private struct Arguments
    {
        public T* Qkv;
        public T* Target;
        public int* Positions;
        public int* BlockTables;
        public int* Slots;
        public int* SequenceOfRow;
        public RowRange* Ranges;
        public int MaxBlocksPerSequence;
        public int NumHeads;
        public int NumKVHeads;
        public int HeadSize;
        public float* QueryNorm;
        public float* KeyNorm;
        public float Epsilon;
        public float* Cos;
        public float* Sin;
        public KVHead<T> Head;
        public long HeadStride;
        public float* Scratch;
        public long ScratchLength;

        public readonly KVHead<T> HeadOf(int sequence, int head)
        {
            KVHead<T> cache = Head;
            cache.BlockTable = BlockTables + ((long)Slots[sequence] * MaxBlocksPerSequence);
            cache.Keys += head * HeadStride;
            cache.Values += head * HeadStride;
            return cache;
        }
    }
}
