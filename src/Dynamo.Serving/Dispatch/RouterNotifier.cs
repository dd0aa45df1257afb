using System.Collections.Concurrent;
using Dynamo.Abstractions.Routing;
using Dynamo.Protocol.Requests;

namespace Dynamo.Serving.Dispatch;

/// <summary>
/// Notifies routers of first tokens and ends: one call a model is under way, and events that come meanwhile go into the next. Events of a call that failed are sent
/// once more: a connection may be cut under a router that lives on, and first tokens reach it by no other way. Thread-safe.
/// </summary>
internal sealed partial class RouterNotifier(IGrainFactory grains, TimeProvider time, ILogger<RouterNotifier> logger)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<string, Pending> _models = new(StringComparer.Ordinal);

    /// <summary>Enqueues an event; returns at once.</summary>
    public void Enqueue(string model, RequestId request, SequenceEventKind kind)
    {
        Pending pending = _models.GetOrAdd(model, static _ => new Pending());
        lock (pending)
        {
            pending.Events.Add(new SequenceEvent(request, kind));
            if (pending.IsSending)
            {
                return;
            }

            pending.IsSending = true;
        }

        _ = Task.Run(() => SendAsync(model, pending));
    }

    private async Task SendAsync(string model, Pending pending)
    {
        SequenceEvent[] again = [];
        while (true)
        {
            SequenceEvent[] events;
            lock (pending)
            {
                events = [.. again, .. pending.Events];
                pending.Events.Clear();
                pending.IsSending = events.Length > 0;
            }

            if (events.Length == 0)
            {
                return;
            }

            try
            {
                await grains.GetGrain<IRouterGrain>(model).NotifyAsync(events);
                again = [];
            }
            catch (Exception e)
            {
                // Whatever the fault is, the next events are sent all the same. Events that failed twice are left to the workers, whose reports name what they run.
                LogNotTold(e, model, events.Length);
                again = events[again.Length..];
                await Task.Delay(RetryDelay, time);
            }
        }
    }

    [LoggerMessage(LogLevel.Debug, "The router of model {Model} was not told of {NumEvents} events.")]
    private partial void LogNotTold(Exception exception, string model, int numEvents);

    private sealed class Pending
    {
        public List<SequenceEvent> Events { get; } = [];

        public bool IsSending { get; set; }
    }
}
