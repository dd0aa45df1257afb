using Dynamo.Cluster.Events;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Worker.Events;

namespace Dynamo.ClusterTests.Cluster.Events;

/// <summary>A worker whose cache a test changes: numbers its events, answers listeners, and knows what it holds.</summary>
internal sealed class ScriptedWorker(int numSlots = 64, int maxEvents = 4096, int pageSize = 16, long generation = 3, WorkerId? id = null) : IWorkerEventSource
{
    private readonly KVEventLog _log = new(maxEvents);
    private readonly BlockKey?[] _slots = new BlockKey?[numSlots];
    private readonly BlockKey?[] _parents = new BlockKey?[numSlots];
    private readonly Dictionary<ulong, int> _slotOf = [];
    private long _step;

    public WorkerId Id => id ?? new WorkerId(9);

    public long Generation => generation;

    /// <summary>Keys of the blocks held now.</summary>
    public IReadOnlyCollection<ulong> Held => _slotOf.Keys;

    public long Last => _log.Last;

    public int NumFree => numSlots - _slotOf.Count;

    /// <summary>Questions so far, in words.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Thrown at the next question.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Blocks one behind the other, each named by its key; they take the lowest free slots.</summary>
    public KVEvent Store(ulong? parent, params ulong[] keys)
    {
        BlockKey? before = parent is { } key ? new BlockKey(key) : null;
        BlockKey? first = before;
        BlockKey[] blocks = new BlockKey[keys.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            blocks[i] = new BlockKey(keys[i]);
            int slot = Array.IndexOf(_slots, null);
            (_slots[slot], _parents[slot]) = (blocks[i], before);
            _slotOf.Add(keys[i], slot);
            before = blocks[i];
        }

        return Emit(KVEventKind.Stored, first, blocks);
    }

    public KVEvent Remove(params ulong[] keys)
    {
        BlockKey[] blocks = [.. keys.Select(static key => new BlockKey(key))];
        foreach (ulong key in keys)
        {
            _slotOf.Remove(key, out int slot);
            _slots[slot] = null;
        }

        return Emit(KVEventKind.Removed, null, blocks);
    }

    public KVEvent Clear()
    {
        Array.Clear(_slots);
        _slotOf.Clear();
        return Emit(KVEventKind.Cleared, null, []);
    }

    public EventBatch Batch(params KVEvent[] events) => new() { Worker = Id, Generation = generation, Events = events };

    public EventBatch Report() => Batch() with { Load = Load() };

    public LoadReport Load() => new()
    {
        Worker = Id,
        Generation = generation,
        Step = ++_step,
        NumRunning = 0,
        NumWaiting = 0,
        NumQueuedPrefillTokens = 0,
        NumUsedBlocks = 0,
        NumCachedBlocks = _slotOf.Count,
        NumTotalBlocks = numSlots,
        NumPreemptions = 0,
        NumPrefixQueryTokens = 0,
        NumPrefixHitTokens = 0,
        LastKVEvent = _log.Last,
    };

    public EventBatch Events(long first)
    {
        List<KVEvent> events = [];
        _log.TryRead(first, events);
        return Batch([.. events]) with { Load = Load() };
    }

    public KVBlockPage Page(int from)
    {
        int end = Math.Min(numSlots, from + pageSize);
        KVBlockRun[] runs =
        [
            .. Enumerable.Range(from, end - from).Where(slot => _slots[slot] is not null).Select(slot => new KVBlockRun(_parents[slot], [_slots[slot]!.Value])),
        ];
        return new KVBlockPage { Worker = Id, Generation = generation, LastEvent = _log.Last, Next = end < numSlots ? end : null, Runs = runs };
    }

    /// <summary>Answers what a stream asks until it asks nothing.</summary>
    public void AnswerAll(WorkerEventStream stream)
    {
        while (stream.NextAsk() is { Kind: not EventAskKind.None } ask)
        {
            Answer(stream, ask);
        }
    }

    public void Answer(WorkerEventStream stream, EventAsk ask)
    {
        if (ask.Kind == EventAskKind.Events)
        {
            stream.OnEvents(ask.From, EventsAsync(ask.From).Result!);
        }
        else
        {
            stream.OnPage((int)ask.From, PageAsync((int)ask.From).Result!);
        }
    }

    public Task<EventBatch?> EventsAsync(long first) => Asking($"events {first}", () => Events(first));

    public Task<KVBlockPage?> PageAsync(int from) => Asking($"page {from}", () => Page(from));

    private Task<T?> Asking<T>(string what, Func<T> answer)
        where T : class
    {
        Asked.Add(what);
        if (Fault is { } fault)
        {
            Fault = null;
            return Task.FromException<T?>(fault);
        }

        return Task.FromResult<T?>(answer());
    }

    private KVEvent Emit(KVEventKind kind, BlockKey? parent, BlockKey[] blocks)
    {
        KVEvent kvEvent = new() { Number = _log.Last + 1, Kind = kind, Parent = parent, Blocks = blocks };
        _log.Append(kvEvent);
        return kvEvent;
    }
}
