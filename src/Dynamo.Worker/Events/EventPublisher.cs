using System.Threading.Channels;
using Dynamo.Abstractions.Serving;
using Dynamo.Cluster.Planes;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Wire;

namespace Dynamo.Worker.Events;

/// <summary>
/// Publishes what one engine's prefix cache holds and how busy the engine is: one batch is in flight, and what comes meanwhile goes into the next.
/// The engine thread never waits for a router, and no more is kept than the log holds: a router that could not follow sees by the numbers
/// that it must ask. Thread-safe.
/// </summary>
internal sealed partial class EventPublisher : IAsyncDisposable
{
    /// <summary>
    /// Between the starts of two batches, so that short steps share one: a call costs each side as much as a dozen tokens. Routers need not wait for what a
    /// prompt stores, for they count it as held from when it is sent.
    /// </summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Between two checks of the load, while there is work.</summary>
    public static readonly TimeSpan LoadInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>A load that does not change is published this often.</summary>
    public static readonly TimeSpan IdleInterval = TimeSpan.FromSeconds(1);

    /// <summary>Pause after a batch that no plane took.</summary>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly string _model;
    private readonly WorkerId _worker;
    private readonly long _generation;
    private readonly Func<LoadReport> _load;
    private readonly Func<IReadOnlyList<RequestId>> _live;
    private readonly IEventPlane _plane;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly KVEventLog _log = new();
    private readonly List<KVEvent> _events = [];
    private readonly Channel<bool> _signal = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _closing = new();
    private ITimer? _loadTimer;
    private Task _ended = Task.CompletedTask;
    private long _next = 1;
    private long _numSkipped;
    private LoadReport? _publishedLoad;
    private long _publishedLoadAt;
    private long? _publishedLiveAt;
    private volatile bool _isLoadDue;
    private int _isIdle;

    /// <summary>Creates a publisher; <see cref="Start"/> lets it begin.</summary>
    /// <param name="model">The model.</param>
    /// <param name="worker">The engine.</param>
    /// <param name="generation">Its generation.</param>
    /// <param name="load">Its load now.</param>
    /// <param name="live">Its sequences now.</param>
    /// <param name="plane">Carries batches.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    public EventPublisher(string model, WorkerId worker, long generation, Func<LoadReport> load, Func<IReadOnlyList<RequestId>> live, IEventPlane plane, TimeProvider time, ILogger logger) =>
        (_model, _worker, _generation, _load, _live, _plane, _time, _logger) = (model, worker, generation, load, live, plane, time, logger);

    /// <summary>Begins to tell. Call once.</summary>
    public void Start()
    {
        _loadTimer = _time.CreateTimer(static publisher => ((EventPublisher)publisher!).OnLoadDue(), this, LoadInterval, LoadInterval);
        _ended = Task.Run(() => RunAsync(_closing.Token));
    }

    /// <summary>Events that were dropped because no plane took them in time; routers read the worker's list instead.</summary>
    public long NumSkipped => Interlocked.Read(ref _numSkipped);

    /// <summary>Appends an event. The engine thread's.</summary>
    public void Append(KVEvent kvEvent)
    {
        _log.Append(kvEvent);
        OnWork();
        _signal.Writer.TryWrite(true);
    }

    /// <summary>There is work: the load may change from now on.</summary>
    public void OnWork()
    {
        if (Volatile.Read(ref _isIdle) != 0 && Interlocked.Exchange(ref _isIdle, 0) != 0)
        {
            _loadTimer?.Change(LoadInterval, LoadInterval);
        }
    }

    /// <summary>Answers a listener that misses something.</summary>
    /// <param name="first">Number of the first event that it wants.</param>
    /// <returns>Events from that one on, as many as fit, the load and all sequences; no events although the load knows of them when they are too old.</returns>
    public EventBatch Read(long first)
    {
        LoadReport load = _load();
        List<KVEvent> events = [];
        _log.TryRead(first, events);
        return new EventBatch { Worker = _worker, Generation = _generation, Events = events, Load = load, Live = _live() };
    }

    /// <summary>Nothing is appended after this; what is left is published, then the publisher ends.</summary>
    public void Complete()
    {
        _isLoadDue = true;
        _signal.Writer.TryWrite(true);
        _signal.Writer.TryComplete();
    }

    /// <summary>Waits a moment for the last batch.</summary>
    public async ValueTask DisposeAsync()
    {
        Complete();
        _loadTimer?.Dispose();
        await using (_time.CreateTimer(static closing => ((CancellationTokenSource)closing!).Cancel(), _closing, CloseTimeout, Timeout.InfiniteTimeSpan))
        {
            await _ended;
        }

        _closing.Dispose();
    }

    // An engine without a changed load wakes no thread: a process may have hundreds of idle engines.
    private void OnLoadDue()
    {
        LoadReport load = _load();
        if (load != Volatile.Read(ref _publishedLoad) || _time.GetElapsedTime(Volatile.Read(ref _publishedLoadAt)) >= IdleInterval)
        {
            _isLoadDue = true;
            _signal.Writer.TryWrite(true);
        }
        else if (!HasWork(load) && Interlocked.Exchange(ref _isIdle, 1) == 0)
        {
            _loadTimer?.Change(IdleInterval, IdleInterval);

            // Work that came just now has not seen that nobody looks.
            if (HasWork(_load()))
            {
                OnWork();
            }
        }
    }

    private static bool HasWork(LoadReport load) => load.NumRunning > 0 || load.NumWaiting > 0;

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (await _signal.Reader.WaitToReadAsync(cancellationToken))
            {
                _signal.Reader.TryRead(out _);
                long start = _time.GetTimestamp();
                while (Gather() is { } batch)
                {
                    if (await TryPublishAsync(batch, cancellationToken))
                    {
                        OnPublished(batch);
                    }
                    else
                    {
                        await Task.Delay(RetryDelay, _time, cancellationToken);
                    }
                }

                TimeSpan rest = Interval - _time.GetElapsedTime(start);
                if (rest > TimeSpan.Zero)
                {
                    await Task.Delay(rest, _time, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The engine is over; a router that has not heard the last of it hears from the model's grain that the worker is gone.
        }
    }

    private async Task<bool> TryPublishAsync(EventBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            return await _plane.TryPublishAsync(_model, _worker, new WireMessage(WireFormat.Encode(batch)), cancellationToken);
        }
        catch (ObjectDisposedException)
        {
            // The silo has left before its engine; routers hear of that by the cluster's members. Were it anything else, they would ask.
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            LogNotPublished(e, _worker);
            return false;
        }
    }

    private EventBatch? Gather()
    {
        // Before the events: what it says of the last one is then never ahead of them.
        LoadReport? load = _isLoadDue ? ChangedLoad() : null;
        _events.Clear();
        if (!_log.TryRead(_next, _events))
        {
            Skip();
            load ??= _load();
        }

        if (load is not null && load.LastKVEvent >= _next + _events.Count)
        {
            // The events did not all fit; it goes with the last of them.
            load = null;
        }

        bool isLiveDue = load is not null && (_publishedLiveAt is not { } publishedAt || _time.GetElapsedTime(publishedAt) >= IdleInterval);
        return _events.Count > 0 || load is not null
            ? new EventBatch { Worker = _worker, Generation = _generation, Events = [.. _events], Load = load, Live = isLiveDue ? _live() : null }
            : null;
    }

    private LoadReport? ChangedLoad()
    {
        LoadReport load = _load();
        if (load != _publishedLoad || _time.GetElapsedTime(_publishedLoadAt) >= IdleInterval)
        {
            return load;
        }

        _isLoadDue = false;
        return null;
    }

    private void Skip()
    {
        long last = _log.Last;
        Interlocked.Add(ref _numSkipped, last + 1 - _next);
        LogSkipped(last + 1 - _next, _worker);
        _next = last + 1;
    }

    private void OnPublished(EventBatch batch)
    {
        _next += batch.Events.Count;
        if (batch.Load is { } load)
        {
            (_publishedLoad, _publishedLoadAt, _isLoadDue) = (load, _time.GetTimestamp(), false);
            _publishedLiveAt = batch.Live is null ? _publishedLiveAt : _publishedLoadAt;
        }
    }

    [LoggerMessage(LogLevel.Error, "KV events of worker {Worker} could not be told; they are told again.")]
    private partial void LogNotPublished(Exception exception, WorkerId worker);

    [LoggerMessage(LogLevel.Warning, "{NumEvents} KV events of worker {Worker} could not be told in time; routers read its list instead.")]
    private partial void LogSkipped(long numEvents, WorkerId worker);
}
