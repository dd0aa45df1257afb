namespace Dynamo.Benchmarks.Prefixes;

/// <summary>What a router hears from a fleet that chats, made in advance from a seed: lookups, stored and removed blocks.</summary>
/// <remarks>
/// Sessions begin with one of a few system prompts and grow by a question and an answer each turn; nine of ten turns go where the last went. A
/// worker evicts what was used longest ago, a sequence from its end. Prefill stores its blocks in one event, an answer block by block.
/// </remarks>
internal sealed class ReplayLoad
{
    private const int NumSystemPrompts = 8;

    private readonly Random _random;
    private readonly ReplayShape _shape;
    private readonly List<ReplayOp> _ops = [];
    private readonly WorkerCache[] _workers;
    private readonly Session[] _sessions;
    private long _nextSequence = NumSystemPrompts;

    /// <summary>Makes a load.</summary>
    /// <param name="seed">Equal seeds, equal loads.</param>
    /// <param name="shape">What sessions are like.</param>
    /// <param name="numWorkers">Workers.</param>
    /// <param name="blocksPerWorker">Blocks a worker can hold.</param>
    /// <param name="numStored">Blocks that are stored after the caches are full.</param>
    public ReplayLoad(int seed, ReplayShape shape, int numWorkers, int blocksPerWorker, long numStored)
    {
        _random = new Random(seed);
        _shape = shape;
        _workers = [.. Enumerable.Range(0, numWorkers).Select(_ => new WorkerCache(blocksPerWorker))];
        _sessions = new Session[numWorkers * shape.SessionsPerWorker];
        while (Array.Exists(_workers, worker => worker.Count < 0.95 * blocksPerWorker))
        {
            Turn();
        }

        NumFill = _ops.Count;
        for (long goal = Stored + numStored; Stored < goal;)
        {
            Turn();
        }
    }

    /// <summary>Operations in order.</summary>
    public IReadOnlyList<ReplayOp> Ops => _ops;

    /// <summary>The first operations, that fill the caches.</summary>
    public int NumFill { get; }

    private long Stored { get; set; }

    private void Turn()
    {
        int number = _random.Next(_sessions.Length);
        Session? session = _sessions[number];
        if (session is null || session.Keys.Count > _shape.MaxContext || _random.Next(_shape.MeanTurns) == 0)
        {
            int system = Math.Min(_random.Next(NumSystemPrompts), _random.Next(NumSystemPrompts));
            session = _sessions[number] = new Session { Worker = _random.Next(_workers.Length) };
            session.Append(system, 10 + (system * 10));
        }

        session.Append(_nextSequence++, 1 + _random.Next(_shape.MaxQuestion));
        if (_random.Next(10) == 0)
        {
            session.Worker = _random.Next(_workers.Length);
        }

        ulong[] prompt = [.. session.Keys];
        _ops.Add(new ReplayOp(ReplayKind.Match, 0, null, prompt));
        WorkerCache cache = _workers[session.Worker];
        int known = 0;
        while (known < prompt.Length && cache.Contains(prompt[known]))
        {
            known++;
        }

        cache.Used(prompt);
        Store(session.Worker, prompt, known, prompt.Length - known);
        int answer = 1 + _random.Next(8);
        session.Append(_nextSequence++, answer);
        ulong[] all = [.. session.Keys];
        for (int i = prompt.Length; i < all.Length; i++)
        {
            Store(session.Worker, all, i, 1);
        }

        cache.Used(all);
    }

    private void Store(int worker, ulong[] keys, int start, int count)
    {
        if (count == 0)
        {
            return;
        }

        ulong[] evicted = _workers[worker].Add(keys, start, count);
        if (evicted.Length > 0)
        {
            _ops.Add(new ReplayOp(ReplayKind.Removed, worker, null, evicted));
        }

        _ops.Add(new ReplayOp(ReplayKind.Stored, worker, start == 0 ? null : keys[start - 1], keys[start..(start + count)]));
        Stored += count;
    }

    private sealed class Session
    {
        public required int Worker { get; set; }

        public List<ulong> Keys { get; } = [];

        public void Append(long sequence, int count)
        {
            for (int i = 0; i < count; i++)
            {
                Keys.Add(PrefixKeys.At(sequence, i));
            }
        }
    }
}
