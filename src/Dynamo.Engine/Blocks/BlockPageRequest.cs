using System.Buffers;
using Dynamo.Engine.Configuration;
using Dynamo.Protocol.KV;

namespace Dynamo.Engine.Blocks;

/// <summary>
/// One page of the list of cached blocks. The engine thread copies a slice of the pool between two steps; whoever asked brings the memory and
/// does everything else.
/// </summary>
internal sealed class BlockPageRequest
{
    /// <summary>Blocks of the pool that a page covers: about 0.1 ms of the engine thread.</summary>
    public const int Size = 4096;

    private readonly int _from;
    private readonly CachedBlock[] _blocks = ArrayPool<CachedBlock>.Shared.Rent(Size);
    private readonly TaskCompletionSource<bool> _filled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _numBlocks;
    private int? _next;
    private long _lastEvent;

    /// <summary>Creates a request.</summary>
    /// <param name="from">First block of the pool that the page covers.</param>
    public BlockPageRequest(int from) => _from = from;

    /// <summary>Copies the slice. The engine thread's.</summary>
    /// <param name="pool">The blocks.</param>
    /// <param name="lastEvent">Number of the last event; none may be held back.</param>
    public void Fill(BlockPool pool, long lastEvent)
    {
        int end = _from + Math.Clamp(pool.NumBlocks - _from, 0, Size);
        _numBlocks = pool.CopyCached(_from, end, _blocks);
        _next = end < pool.NumBlocks ? end : null;
        _lastEvent = lastEvent;
        _filled.TrySetResult(true);
    }

    /// <summary>There is no engine any more that could fill it.</summary>
    public void Fail() => _filled.TrySetResult(false);

    /// <summary>Waits for the engine.</summary>
    /// <returns>The page, or <see langword="null"/> when the engine has stopped.</returns>
    public async Task<KVBlockPage?> PageAsync(EngineConfig config)
    {
        bool isFilled = await _filled.Task;
        List<KVBlockRun> runs = isFilled ? Runs(_blocks.AsSpan(0, _numBlocks)) : [];
        ArrayPool<CachedBlock>.Shared.Return(_blocks);
        return isFilled ? new KVBlockPage { Worker = config.Worker, Generation = config.Generation, LastEvent = _lastEvent, Next = _next, Runs = runs } : null;
    }

    // Sequences fill blocks that stand side by side as long as the pool is fresh; later most runs are short.
    private static List<KVBlockRun> Runs(ReadOnlySpan<CachedBlock> blocks)
    {
        List<KVBlockRun> runs = [];
        for (int start = 0, end; start < blocks.Length; start = end)
        {
            end = start + 1;
            while (end < blocks.Length && blocks[end].Parent == blocks[end - 1].Key)
            {
                end++;
            }

            BlockKey[] run = new BlockKey[end - start];
            for (int i = 0; i < run.Length; i++)
            {
                run[i] = blocks[start + i].Key;
            }

            runs.Add(new KVBlockRun(blocks[start].Parent, run));
        }

        return runs;
    }
}
