using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;

namespace Dynamo.Cluster.Events;

/// <summary>
/// The events of one worker in one generation, put in order: each is passed on once. Whatever is missing is found by its number and asked for, as events or,
/// when the worker no longer has them, as the whole list of its blocks. Knows no network: its owner brings batches and answers, and asks what
/// <see cref="NextAsk"/> says. Not thread-safe.
/// </summary>
internal sealed class WorkerEventStream
{
    /// <summary>Events that wait for one before them; what is further ahead is asked for again.</summary>
    public const int Window = 64;

    /// <summary>Events that wait for a list to be complete.</summary>
    public const int ListWindow = 4096;

    /// <summary>How long an event may be late because another overtook it.</summary>
    public static readonly TimeSpan GapTimeout = TimeSpan.FromMilliseconds(100);

    /// <summary>A worker reports each second; after this much silence it is asked, for the way from it may be cut.</summary>
    public static readonly TimeSpan SilenceTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long a worker may hold blocks before it counts as a worker that publishes nothing of them.</summary>
    public static readonly TimeSpan MismatchTimeout = TimeSpan.FromSeconds(5);

    private readonly IKVEventSink _sink;
    private readonly TimeProvider _time;
    private readonly EventCounts _counts;
    private readonly Dictionary<long, KVEvent> _held = [];
    private long _next = 1;
    private long _known;
    private long _receivedAt;
    private long? _gapSince;
    private bool _isGapSure;
    private bool _isSynced;
    private int? _page;
    private BlockList? _list;
    private long? _mismatchSince;

    public WorkerEventStream(WorkerId worker, long generation, IKVEventSink sink, TimeProvider time, EventCounts counts)
    {
        (Worker, Generation, _sink, _time, _counts) = (worker, generation, sink, time, counts);
        _receivedAt = time.GetTimestamp();
    }

    /// <summary>The worker.</summary>
    public WorkerId Worker { get; }

    /// <summary>The worker's generation; batches of other generations are dropped.</summary>
    public long Generation { get; }

    /// <summary>Number of the last event passed on, or included in the list that was.</summary>
    public long Last => _next - 1;

    /// <summary>Whether every event that the worker is known to have published was passed on.</summary>
    public bool IsCurrent => _isSynced && _page is null && _next > _known;

    /// <summary>The worker's newest load.</summary>
    public LoadReport? Load { get; private set; }

    /// <summary>Whether the worker's load says that it holds blocks while it has published none for a while.</summary>
    public bool IsMismatched => Load is not null && _mismatchSince is { } since && _time.GetElapsedTime(since) >= MismatchTimeout;

    /// <summary>Accepts a batch, whichever way it came.</summary>
    public void Accept(EventBatch batch)
    {
        if (batch.Generation != Generation)
        {
            _counts.NumStale++;
            return;
        }

        _receivedAt = _time.GetTimestamp();
        foreach (KVEvent kvEvent in batch.Events)
        {
            Accept(kvEvent);
        }

        // A batch that comes late or again has nothing new to say of either.
        if (batch.Load is { } load && TryAccept(load) && batch.Live is { } live)
        {
            _sink.Alive(Worker, live);
        }

        TrackGap();
    }

    /// <summary>What to ask the worker now. One question at a time; the answer, or the lack of one, is passed in before the next.</summary>
    public EventAsk NextAsk()
    {
        if (_page is { } page)
        {
            return new EventAsk(EventAskKind.Page, page);
        }

        bool isDue = !_isSynced
            || (_gapSince is { } since && (_isGapSure || _time.GetElapsedTime(since) >= GapTimeout))
            || _time.GetElapsedTime(_receivedAt) >= SilenceTimeout;
        return isDue ? new EventAsk(EventAskKind.Events, _next) : default;
    }

    /// <summary>The answer to a question for events: those from that number on, and the load; no events although the load knows of them means that they are too old.</summary>
    /// <param name="first">Number that was asked for.</param>
    /// <param name="answer">The answer.</param>
    public void OnEvents(long first, EventBatch answer)
    {
        if (answer.Generation != Generation || _page is not null)
        {
            return;
        }

        // Newest by definition, and its word stands against whatever came before.
        Load = null;
        _isSynced = true;
        Accept(answer);
        long last = answer.Load?.LastKVEvent ?? 0;
        if (answer.Events.Count == 0 && last >= first && _next == first)
        {
            BeginList(last);
            return;
        }

        // A number that the worker never gave must not be asked for without end.
        _known = Math.Max(Math.Max(_next - 1, last), answer.Events.Count == 0 ? 0 : answer.Events[^1].Number);
        foreach (long number in _held.Keys)
        {
            _known = Math.Max(_known, number);
        }

        TrackGap();
    }

    /// <summary>The answer to a question for a page.</summary>
    /// <param name="from">Where it was asked to begin.</param>
    /// <param name="page">The answer.</param>
    public void OnPage(int from, KVBlockPage page)
    {
        if (page.Generation != Generation || _page != from)
        {
            return;
        }

        _receivedAt = _time.GetTimestamp();
        if (from == 0)
        {
            SkipTo(page.LastEvent + 1);
            _list = new BlockList();
        }

        _list!.Add(page);
        if (page.Next > from)
        {
            _page = page.Next;
            return;
        }

        // As with events: should the sink fail, this page will be asked for again.
        _sink.Cleared(Worker);
        foreach (KVBlockRun run in _list.ParentsFirst())
        {
            _sink.Stored(Worker, run.Parent, run.Blocks);
        }

        (_page, _list, _mismatchSince) = (null, null, null);
        Drain();
        TrackGap();
    }

    private void BeginList(long last)
    {
        _counts.NumLists++;
        _page = 0;
        _gapSince = null;
        SkipTo(last + 1);
    }

    private void SkipTo(long next)
    {
        _next = Math.Max(_next, next);
        foreach (long number in _held.Keys)
        {
            if (number < _next)
            {
                _held.Remove(number);
            }
        }
    }

    private void Accept(KVEvent kvEvent)
    {
        long number = kvEvent.Number;
        _known = Math.Max(_known, number);
        if (number == _next && _page is null)
        {
            Apply(kvEvent);
            Drain();
        }
        else if (number < _next)
        {
            _counts.NumDoubles++;
        }
        else if (number - _next >= (_page is null ? Window : ListWindow))
        {
            _counts.NumBeyond++;
            _isGapSure = true;
        }
        else if (!_held.TryAdd(number, kvEvent))
        {
            _counts.NumDoubles++;
        }
    }

    private bool TryAccept(LoadReport load)
    {
        if (Load is { } last && (load.Step < last.Step || load.LastKVEvent < last.LastKVEvent))
        {
            return false;
        }

        Load = load;
        if (load.LastKVEvent >= _next && _page is null)
        {
            _isGapSure = true;
        }

        _known = Math.Max(_known, load.LastKVEvent);
        _mismatchSince = load.NumCachedBlocks > 0 && Last == 0 ? _mismatchSince ?? _time.GetTimestamp() : null;
        _sink.Reported(load);
        return true;
    }

    private void TrackGap()
    {
        if (_next > _known)
        {
            (_gapSince, _isGapSure) = (null, false);
        }
        else if (_gapSince is null && _page is null)
        {
            _gapSince = _time.GetTimestamp();
            _counts.NumGaps += _isSynced ? 1 : 0;
        }
    }

    private void Drain()
    {
        while (_held.Remove(_next, out KVEvent? kvEvent))
        {
            Apply(kvEvent);
        }
    }

    // Counts as passed on once it is: should the sink fail, the event is missing and will be asked for.
    private void Apply(KVEvent kvEvent)
    {
        switch (kvEvent.Kind)
        {
            case KVEventKind.Stored:
                _sink.Stored(Worker, kvEvent.Parent, kvEvent.Blocks);
                _counts.NumStored++;
                break;
            case KVEventKind.Removed:
                _sink.Removed(Worker, kvEvent.Blocks);
                _counts.NumRemoved++;
                break;
            default:
                _sink.Cleared(Worker);
                _counts.NumCleared++;
                break;
        }

        _next++;
    }
}
