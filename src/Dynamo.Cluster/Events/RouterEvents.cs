using System.Threading.Channels;
using Dynamo.Abstractions.Instances;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Wire;
using Dynamo.Security.Handshake;

namespace Dynamo.Cluster.Events;

/// <summary>
/// Listens to all workers of one model, whichever plane their batches come on, and keeps a sink exact. All its members and the sink are called on
/// the scheduler that it was started on, such as a grain's; only <see cref="NatsFeed"/> runs beside it.
/// </summary>
internal sealed partial class RouterEvents : IAsyncDisposable
{
    /// <summary>Between two checks for gaps, while there is one.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Between two checks for silence.</summary>
    public static readonly TimeSpan IdleInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Between two warnings about the same worker.</summary>
    public static readonly TimeSpan LogInterval = TimeSpan.FromMinutes(1);

    private const int MaxWaiting = 64;
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(1);

    private readonly string _model;
    private readonly IKVEventSink _sink;
    private readonly Func<InstanceKey, IWorkerEventSource> _sources;
    private readonly NatsFeed? _feed;
    private readonly EventCounts _counts;
    private readonly TimeProvider _time;
    private readonly RepeatedFaults _faults;
    private readonly ILogger _logger;
    private readonly Dictionary<WorkerId, ListenedWorker> _workers = [];
    private readonly Channel<EventBatch> _waiting = Channel.CreateBounded<EventBatch>(MaxWaiting);
    private readonly CancellationTokenSource _closing = new();
    private readonly EventAsker _asker;
    private readonly PeriodicTimer _timer;
    private Task _running = Task.CompletedTask;

    /// <summary>Creates a listener; <see cref="Start"/> lets it listen.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sink">Hears everything in order.</param>
    /// <param name="sources">How to ask an instance.</param>
    /// <param name="feed">NATS, if the cluster has one.</param>
    /// <param name="counts">Where to count.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    public RouterEvents(
        string model, IKVEventSink sink, Func<InstanceKey, IWorkerEventSource> sources, NatsFeed? feed, EventCounts counts, TimeProvider time, ILogger logger)
    {
        (_model, _sink, _sources, _feed, _counts, _time, _logger) = (model, sink, sources, feed, counts, time, logger);
        _faults = new RepeatedFaults(time);
        _asker = new EventAsker(model, counts, time, logger, _closing.Token);
        _timer = new PeriodicTimer(IdleInterval, time);
    }

    /// <summary>The workers listened to.</summary>
    public IEnumerable<WorkerEventStream> Streams => _workers.Values.Select(static worker => worker.Stream);

    /// <summary>Begins to listen, on the scheduler of the caller.</summary>
    public void Start()
    {
        // What runs on for ever must not count as part of the request that began it (its trace, its hints for placement).
        using AsyncFlowControl flow = ExecutionContext.SuppressFlow();
        Task feed = _feed is null ? Task.CompletedTask : Task.Run(() => _feed.RunAsync(_model, AcceptFromFeedAsync, _closing.Token));
        _running = Task.WhenAll(GuardAsync(feed), GuardAsync(DrainAsync()), GuardAsync(WatchAsync()));
    }

    /// <summary>Listens to these instances and no others.</summary>
    public void Update(IReadOnlyList<InstanceReport> instances)
    {
        Dictionary<WorkerId, InstanceKey> present = [];
        foreach (InstanceReport instance in instances)
        {
            if (instance.State is InstanceState.Ready or InstanceState.Draining)
            {
                present.TryAdd(instance.Worker, instance.Key);
            }
        }

        foreach ((WorkerId id, ListenedWorker worker) in _workers)
        {
            if (present.GetValueOrDefault(id) != worker.Instance)
            {
                _workers.Remove(id);
                _asker.Forget(worker);
                _sink.Gone(id);
            }
        }

        foreach ((WorkerId id, InstanceKey instance) in present)
        {
            if (!_workers.ContainsKey(id))
            {
                WorkerEventStream stream = new(id, instance.Generation, _sink, _time, _counts);
                ListenedWorker worker = new(instance, stream, _sources(instance));
                _workers.Add(id, worker);
                _asker.Check(worker);
                Pace(isWanting: true);
            }
        }
    }

    /// <summary>Accepts a batch in wire form.</summary>
    public void Accept(ReadOnlySpan<byte> bytes)
    {
        if (Decode(bytes) is { } batch)
        {
            Accept(batch);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        _timer.Dispose();
        _closing.Dispose();
    }

    private void Accept(EventBatch batch)
    {
        if (!_workers.TryGetValue(batch.Worker, out ListenedWorker? worker))
        {
            // Once the worker is in the view it is asked for all events that it has published so far.
            _counts.NumUnknown++;
            return;
        }

        try
        {
            worker.Stream.Accept(batch);
        }
        catch (Exception e)
        {
            // Whatever the fault is, the other workers are still listened to; this worker's events are missing now, and will be asked for.
            if (_faults.Count($"{batch.Worker} not taken", out int numOmitted))
            {
                LogNotTaken(e, batch.Worker, _model, numOmitted);
            }
        }

        _asker.Check(worker);
        if (!worker.Stream.IsCurrent)
        {
            Pace(isWanting: true);
        }
    }

    private EventBatch? Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return WireFormat.DecodeEventBatch(bytes);
        }
        catch (WireFormatException e)
        {
            Interlocked.Increment(ref _counts.NumUnreadable);
            if (_faults.Count("unreadable", out int numOmitted))
            {
                LogUnreadable(e, _model, numOmitted);
            }

            return null;
        }
    }

    private ValueTask AcceptFromFeedAsync(byte[] bytes) =>
        Decode(bytes) is { } batch ? _waiting.Writer.WriteAsync(batch, _closing.Token) : ValueTask.CompletedTask;

    // A loop that ends before its time would leave the router deaf without a word.
    private async Task GuardAsync(Task loop)
    {
        try
        {
            await loop;
        }
        catch (Exception e) when (!_closing.IsCancellationRequested)
        {
            LogDeaf(e, _model);
        }
    }

    private async Task DrainAsync()
    {
        long start = _time.GetTimestamp();
        await foreach (EventBatch batch in _waiting.Reader.ReadAllAsync(_closing.Token))
        {
            Accept(batch);
            if (_time.GetElapsedTime(start) >= Slice)
            {
                // Requests to be routed are waiting for the same scheduler.
                await Task.Yield();
                start = _time.GetTimestamp();
            }
        }
    }

    private async Task WatchAsync()
    {
        while (await _timer.WaitForNextTickAsync(_closing.Token))
        {
            int numMismatched = 0;
            bool isWanting = false;
            foreach (ListenedWorker worker in _workers.Values)
            {
                _asker.Check(worker);
                isWanting |= !worker.Stream.IsCurrent;
                if (worker.Stream.IsMismatched)
                {
                    numMismatched++;
                    WarnOfMismatch(worker);
                }
            }

            _counts.NumMismatched = numMismatched;
            Pace(isWanting);
        }
    }

    private void Pace(bool isWanting)
    {
        TimeSpan period = isWanting ? Interval : IdleInterval;
        if (_timer.Period != period && !_closing.IsCancellationRequested)
        {
            _timer.Period = period;
        }
    }

    private void WarnOfMismatch(ListenedWorker worker)
    {
        if (worker.MismatchLoggedAt is not { } loggedAt || _time.GetElapsedTime(loggedAt) >= LogInterval)
        {
            worker.MismatchLoggedAt = _time.GetTimestamp();
            LogMismatch(worker.Stream.Worker, _model, worker.Stream.Load!.NumCachedBlocks);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A KV event of model {Model} cannot be read; does a worker run another version? {NumOmitted} more since this was last said.")]
    private partial void LogUnreadable(Exception exception, string model, int numOmitted);

    [LoggerMessage(LogLevel.Error, "What worker {Worker} of model {Model} told could not be taken, because of a defect; it is asked for again. {NumOmitted} more since this was last said.")]
    private partial void LogNotTaken(Exception exception, WorkerId worker, string model, int numOmitted);

    [LoggerMessage(LogLevel.Error, "The router of model {Model} does not hear its workers any more, because of a defect: it routes by what it knows.")]
    private partial void LogDeaf(Exception exception, string model);

    [LoggerMessage(LogLevel.Warning, "Worker {Worker} of model {Model} holds {NumCachedBlocks} cached blocks and has told of none: requests are routed to it as if it held nothing. Are its KV events on?")]
    private partial void LogMismatch(WorkerId worker, string model, int numCachedBlocks);
}
