using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using Dynamo.Cluster.Events;
using Dynamo.Cluster.Telemetry;
using Dynamo.Protocol.Models;
using Dynamo.Protocol.Routing;
using Dynamo.Routing.Workers;

namespace Dynamo.Cluster.Routing;

/// <summary>
/// What the routers that live in this process decide, how they are and what they have heard of their workers. A router lives in one frontend; the others
/// show none of it. Thread-safe.
/// </summary>
internal sealed class RouterInstruments
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Dynamo.Router";

    private const string Router = "dynamo.component.router.";
    private const string Queue = "dynamo.frontend.router_queue.";

    private static readonly KeyValuePair<string, object?> WorkerType = new(Labels.WorkerType, "decode");
    private static readonly KeyValuePair<string, object?> PolicyClass = new(Labels.PolicyClass, "default");
    private static readonly KeyValuePair<string, object?> Rank = new(Labels.DataParallelRank, ParallelLayout.HeadRank.ToString(CultureInfo.InvariantCulture));

    private readonly ConcurrentDictionary<string, EventCounts> _counts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RouterStatus> _routers = new(StringComparer.Ordinal);
    private readonly Counter<long> _started;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _rejected;
    private readonly Counter<long> _promptTokens;
    private readonly Counter<long> _overlapTokens;
    private readonly Counter<long> _nonMaxOverlap;
    private readonly Histogram<double> _hitRate;
    private readonly Histogram<double> _inputTokens;
    private readonly Histogram<double> _scheduling;

    /// <summary>Creates the instruments.</summary>
    public RouterInstruments(IMeterFactory meters)
    {
        Meter meter = meters.Create(MeterName);
        _started = meter.CreateCounter<long>(Router + "requests_started", "{request}", "Requests that the router was asked to send, moves included.");
        _requests = meter.CreateCounter<long>(Router + "requests", "{request}", "Requests sent to a worker, moves included.");
        _rejected = meter.CreateCounter<long>(Router + "rejected_requests", "{request}", "Requests refused because every worker is too busy.");
        _promptTokens = meter.CreateCounter<long>(Router + "prompt_tokens", "{token}", "Prompt tokens of the requests sent.");
        _overlapTokens = meter.CreateCounter<long>(Router + "overlap_tokens", "{token}", "Of those, the ones that the chosen worker was thought to have.");
        _nonMaxOverlap = meter.CreateCounter<long>(Router + "non_max_overlap_selections", "{request}", "Requests that went to a worker although another had more of their prompt.");
        _hitRate = meter.CreateHistogram(Router + "kv_hit_rate", "1", "Share of a prompt that the chosen worker was thought to have, 0 to 1.", RouterBuckets.HitRate);
        _inputTokens = meter.CreateHistogram(Router + "input_sequence_tokens", "{token}", "Tokens of prompts sent to a worker.", LogBuckets.InputTokens);
        _scheduling = meter.CreateHistogram(
            "dynamo.router.overhead.scheduling", "ms", "Milliseconds to look up a prompt's prefixes and to choose a worker, on the frontend that has the router.", RouterBuckets.Calls);

        meter.CreateObservableGauge(Queue + "pending_requests", () => OfQueues(static router => router.NumHeld), "{request}", "Requests that the router holds.");
        meter.CreateObservableGauge(Queue + "pending_isl_tokens", () => OfQueues(static router => router.NumHeldTokens), "{token}", "Prompt tokens of the requests that the router holds.");
        meter.CreateObservableGauge("dynamo.frontend.worker.active_decode_blocks", () => OfWorkers(static worker => worker.UsedBlocks), "{block}", "KV blocks in use at a worker, as the router knows.");
        meter.CreateObservableGauge("dynamo.frontend.worker.active_prefill_tokens", () => OfWorkers(static worker => worker.QueuedTokens), "{token}", "Prompt tokens that a worker has to compute, as the router knows.");
        meter.CreateObservableGauge(
            Router + "kv_event_source_mismatch_workers", () => _counts.Values.Sum(static counts => counts.NumMismatched), "{worker}", "Workers that hold cached blocks and have told of none.");
        meter.CreateObservableCounter("dynamo.component.kv_cache_events_applied", AppliedEvents, "{event}", "KV events that the router has applied.");
        meter.CreateObservableCounter(Router + "kv_event_gaps", () => OfEvents(static counts => counts.NumGaps), "{gap}", "Gaps in workers' KV events, each asked for anew.");
        meter.CreateObservableCounter(Router + "kv_event_lists", () => OfEvents(static counts => counts.NumLists), "{list}", "Times that a worker's whole list of cached blocks was read.");
    }

    /// <summary>A router that lives in this process has decided. Quick; must not throw.</summary>
    /// <param name="model">Its model.</param>
    /// <param name="outcome">What.</param>
    public void OnDecided(string model, in RoutingOutcome outcome)
    {
        KeyValuePair<string, object?> label = Labels.Of(model);
        if (outcome.Took is { } took)
        {
            _started.Add(1, label);
            _scheduling.Record(took.TotalMilliseconds, label);
        }

        if (outcome.Status == RouteStatus.Overloaded)
        {
            _rejected.Add(1, label);
        }
        else if (outcome.Status == RouteStatus.Routed)
        {
            _requests.Add(1, label);
            _promptTokens.Add(outcome.NumPromptTokens, label);
            _overlapTokens.Add(outcome.NumOverlapTokens, label);
            _inputTokens.Record(outcome.NumPromptTokens, label);
            _hitRate.Record((double)outcome.NumOverlapTokens / Math.Max(1, outcome.NumPromptTokens), label);
            if (outcome.NumMostOverlapTokens > outcome.NumOverlapTokens)
            {
                _nonMaxOverlap.Add(1, label);
            }
        }
    }

    /// <summary>A router has begun here.</summary>
    public void Add(string model, EventCounts counts) => _counts[model] = counts;

    /// <summary>A router has ticked.</summary>
    public void Show(RouterStatus status) => _routers[status.Model] = status;

    /// <summary>A router has ended, unless another has begun since. It leaves nothing behind; one that begins anew begins its counts anew.</summary>
    public void Remove(string model, EventCounts counts)
    {
        if (_counts.TryRemove(KeyValuePair.Create(model, counts)))
        {
            _routers.TryRemove(model, out _);
        }
    }

    /// <summary>Counts of a model whose router is here, or <see langword="null"/>.</summary>
    public EventCounts? Of(string model) => _counts.GetValueOrDefault(model);

    private IEnumerable<Measurement<long>> OfQueues(Func<RouterStatus, long> value) =>
        _routers.Values.Select(router => new Measurement<long>(value(router), Labels.Of(router.Model), WorkerType, PolicyClass));

    private IEnumerable<Measurement<long>> OfWorkers(Func<WorkerLoad, long> value) => _routers.Values.SelectMany(router => router.Workers.Select(worker =>
        new Measurement<long>(value(worker), Labels.Of(router.Model), new(Labels.WorkerId, worker.Worker.ToString()), Rank, WorkerType)));

    private IEnumerable<Measurement<long>> OfEvents(Func<EventCounts, long> value) =>
        _counts.Select(router => new Measurement<long>(value(router.Value), Labels.Of(router.Key)));

    private IEnumerable<Measurement<long>> AppliedEvents() => _counts.SelectMany(static router => (Measurement<long>[])
    [
        Applied(router.Key, "stored", router.Value.NumStored),
        Applied(router.Key, "removed", router.Value.NumRemoved),
        Applied(router.Key, "cleared", router.Value.NumCleared),
    ]);

    private static Measurement<long> Applied(string model, string type, long count) => new(count, Labels.Of(model), new("event_type", type), new("status", "ok"));
}
