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
/// <typeparam name="TActivation">Element of activations.</typeparam>
/// <typeparam name="T">Element of the cache.</typeparam>
internal sealed unsafe class AttentionPass<TActivation, T> : IDisposable
    where TActivation : unmanaged
    where T : unmanaged
{
    // Rows of a sequence in one task: enough that a block of keys is used often while it is in cache.
    private const int RowsPerTask = 16;

    private readonly ModelConfig _config;
    private readonly KVCache<T> _cache;
    private readonly RopeTable<TActivation> _rope;
    private readonly StepLimits _limits;
    private readonly int _numThreads;
    private readonly NativeBuffer<RowRange> _ranges;
    private readonly NativeBuffer<int> _sequenceOfRow;
    private readonly NativeBuffer<float> _queries;
    private readonly NativeBuffer<int>? _queryOrder;
    private readonly NativeBuffer<float> _scratch;
    private readonly long _scratchLength;
    private int _numRanges;

    public AttentionPass(ModelConfig config, StepLimits limits, int numBlocks, int numThreads)
    {
        _config = config;
        _limits = limits;
        _numThreads = numThreads;
        _cache = new KVCache<T>(config, limits.BlockSize, numBlocks);
        _rope = new RopeTable<TActivation>(config.Rope, config.HeadDim, limits.MaxModelLength);
        _ranges = new NativeBuffer<RowRange>((limits.MaxBatchedTokens / RowsPerTask) + limits.MaxNumSequences + 1);
        _sequenceOfRow = new NativeBuffer<int>(limits.MaxBatchedTokens);
        int padded = KVCache<T>.Padded(config.HeadDim);
        _queries = new NativeBuffer<float>((long)limits.MaxBatchedTokens * config.NumHeads * padded);
        if (HeadStore<TActivation, T>.QueryOrder(config.HeadDim, padded) is { } order)
        {
            _queryOrder = new NativeBuffer<int>(order.Length);
            order.CopyTo(new Span<int>(_queryOrder.Pointer, order.Length));
        }

        _scratchLength = PagedAttention<TActivation, T>.ScratchLength(limits.MaxModelLength);
        _scratch = new NativeBuffer<float>(_scratchLength * numThreads);
    }

    /// <summary>Plans a step: the same for all of its layers.</summary>
    public void Plan(StepBatch batch)
    {
        _numRanges = 0;
        for (int sequence = 0; sequence < batch.NumSequences; sequence++)
        {
            int start = batch.RowStarts[sequence];
            int end = batch.RowStarts[sequence + 1];
            _rope.Reach(batch.Positions[end - 1]);
            for (int row = start; row < end; row++)
            {
                _sequenceOfRow.Pointer[row] = sequence;
            }

            // Rows with the longest context come first, so that no thread starts one when the others are done.
            for (int last = end; last > start; last -= RowsPerTask)
            {
                _ranges.Pointer[_numRanges++] = new RowRange { Sequence = sequence, Begin = Math.Max(start, last - RowsPerTask), End = last };
            }
        }
    }

    /// <summary>Runs one layer of a planned step.</summary>
    /// <param name="index">Layer.</param>
    /// <param name="layer">Its weights.</param>
    /// <param name="batch">The step.</param>
    /// <param name="qkv">Rows of query, key and value heads.</param>
    /// <param name="target">Rows of attended heads, [query size].</param>
    public void Run(int index, DecoderLayer<TActivation, T> layer, StepBatch batch, TActivation* qkv, TActivation* target)
    {
        fixed (int* tables = batch.BlockTables, slots = batch.Slots, positions = batch.Positions)
        {
            AttentionArguments<TActivation, T> arguments = new()
            {
                Qkv = qkv,
                Target = target,
                Queries = _queries.Pointer,
                QueryOrder = _queryOrder is null ? null : _queryOrder.Pointer,
                Positions = positions,
                SequenceOfRow = _sequenceOfRow.Pointer,
                BlockTables = tables,
                Slots = slots,
                Ranges = _ranges.Pointer,
                MaxBlocksPerSequence = _limits.MaxBlocksPerSequence,
                NumHeads = _config.NumHeads,
                NumKVHeads = _config.NumKVHeads,
                HeadSize = _config.HeadDim,
                QueryNorm = layer.QueryNorm is null ? null : layer.QueryNorm.Values,
                KeyNorm = layer.KeyNorm is null ? null : layer.KeyNorm.Values,
                Epsilon = _config.RmsNormEpsilon,
                Cos = _rope.Cos(0),
                Sin = _rope.Sin(0),
                Head = _cache.Head(index, layer.Window),
                HeadStride = _cache.HeadStride,
                Scratch = _scratch.Pointer,
                ScratchLength = _scratchLength,
            };
            TorchParallel.For(batch.NumTokens, Math.Max(1, 4096 / _config.QuerySize), &AttentionTasks<TActivation, T>.PrepareRows, &arguments);
            TorchParallel.Tasks((long)_numRanges * _config.NumKVHeads, _numThreads, &AttentionTasks<TActivation, T>.Attend, &arguments);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache.Dispose();
        _rope.Dispose();
        _ranges.Dispose();
        _sequenceOfRow.Dispose();
        _queries.Dispose();
        _queryOrder?.Dispose();
        _scratch.Dispose();
    }
}
