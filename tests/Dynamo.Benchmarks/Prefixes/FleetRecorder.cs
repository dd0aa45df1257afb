using Dynamo.Protocol.KV;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>Plays a fleet's caches and writes down what a router hears: a request's lookup, then what its worker evicts and stores.</summary>
/// <remarks>A worker evicts what was used longest ago, a sequence from its end. Prefill stores its blocks in one event, an answer block by block.</remarks>
/// <param name="numWorkers">Workers.</param>
/// <param name="blocksPerWorker">Blocks a worker can hold.</param>
internal sealed class FleetRecorder(int numWorkers, int blocksPerWorker)
{
    private readonly int _blocksPerWorker = blocksPerWorker;
    private readonly WorkerCache[] _workers = [.. Enumerable.Range(0, numWorkers).Select(_ => new WorkerCache(blocksPerWorker))];

    /// <summary>Operations in order.</summary>
    public OpLog Ops { get; } = new();

    /// <summary>Workers.</summary>
    public int NumWorkers => _workers.Length;

    /// <summary>Whether every worker is nearly full.</summary>
    public bool IsFull => !Array.Exists(_workers, worker => worker.Count < 0.95 * _blocksPerWorker);

    /// <summary>Blocks stored so far.</summary>
    public long NumStored { get; private set; }

    /// <summary>Blocks looked up so far.</summary>
    public long NumLookedUp { get; private set; }

    /// <summary>Blocks of a prompt that a worker has, from the first on.</summary>
    public int Known(int worker, ReadOnlySpan<BlockKey> prompt)
    {
        int known = 0;
        while (known < prompt.Length && _workers[worker].Contains(prompt[known]))
        {
            known++;
        }

        return known;
    }

    /// <summary>A request: its prompt, and the prompt with its answer.</summary>
    public void Request(int worker, BlockKey[] prompt, BlockKey[] all)
    {
        Ops.Add(ReplayKind.Match, 0, null, prompt);
        NumLookedUp += prompt.Length;
        int known = Known(worker, prompt);
        _workers[worker].Used(prompt);
        Store(worker, prompt, known, prompt.Length - known);
        for (int i = prompt.Length; i < all.Length; i++)
        {
            Store(worker, all, i, 1);
        }

        _workers[worker].Used(all);
    }

    private void Store(int worker, BlockKey[] keys, int start, int count)
    {
        if (count == 0)
        {
            return;
        }

        BlockKey[] evicted = _workers[worker].Add(keys, start, count);
        if (evicted.Length > 0)
        {
            Ops.Add(ReplayKind.Removed, worker, null, evicted);
        }

        Ops.Add(ReplayKind.Stored, worker, start == 0 ? null : keys[start - 1], keys.AsSpan(start, count));
        NumStored += count;
    }
}
