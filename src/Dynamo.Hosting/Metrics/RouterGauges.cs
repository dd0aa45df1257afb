using System.Globalization;
using Dynamo.Cluster.Routing;
using Dynamo.Protocol.Models;
using Dynamo.Routing.Workers;
using Prometheus;

namespace Dynamo.Hosting.Metrics;

/// <summary>
/// How the routers of this process are and what they have heard, read when metrics are collected. Labels are Dynamo's and the model; a worker is all of its
/// ranks.
/// </summary>
internal sealed class RouterGauges
{
    private const string Prefix = "dynamo_frontend_";
    private const string WorkerType = "decode";
    private static readonly string Rank = ParallelLayout.HeadRank.ToString(CultureInfo.InvariantCulture);
    private const string Ok = "ok";

    private readonly Gauge _held;
    private readonly Gauge _heldTokens;
    private readonly Gauge _decodeBlocks;
    private readonly Gauge _prefillTokens;
    private readonly Gauge _mismatched;
    private readonly Counter _applied;
    private readonly Counter _gaps;
    private readonly Counter _lists;

    /// <summary>Registers them.</summary>
    public RouterGauges(MetricFactory factory)
    {
        _held = Queue("pending_requests", "Requests that the router holds.");
        _heldTokens = Queue("pending_isl_tokens", "Prompt tokens of the requests that the router holds.");
        _decodeBlocks = Worker("active_decode_blocks", "KV blocks in use at a worker, as the router knows.");
        _prefillTokens = Worker("active_prefill_tokens", "Prompt tokens that a worker has to compute, as the router knows.");
        _mismatched = factory.CreateGauge("dynamo_component_router_kv_event_source_mismatch_workers", "Workers that hold cached blocks and have told of none.");
        _applied = factory.CreateCounter("dynamo_component_kv_cache_events_applied", "KV events that the router has applied.", ["model", "event_type", "status"]);
        _gaps = factory.CreateCounter("dynamo_component_router_kv_event_gaps_total", "Gaps in workers' KV events, each asked for anew.", ["model"]);
        _lists = factory.CreateCounter("dynamo_component_router_kv_event_lists_total", "Times that a worker's whole list of cached blocks was read.", ["model"]);

        Gauge Queue(string name, string help) => factory.CreateGauge(Prefix + "router_queue_" + name, help, ["model", "worker_type"]);

        Gauge Worker(string name, string help) => factory.CreateGauge(Prefix + "worker_" + name, help, ["model", "worker_id", "dp_rank", "worker_type"]);
    }

    /// <summary>Brings them up to date.</summary>
    public void Update(IRouterBoard board)
    {
        // A router that has left leaves nothing behind; one that begins anew begins its counts anew.
        Clear(_held);
        Clear(_heldTokens);
        Clear(_decodeBlocks);
        Clear(_prefillTokens);
        Clear(_applied);
        Clear(_gaps);
        Clear(_lists);
        IReadOnlyList<EventStatus> events = board.Events;
        _mismatched.Set(events.Sum(static router => router.NumMismatched));
        foreach (EventStatus router in events)
        {
            _applied.WithLabels(router.Model, "stored", Ok).IncTo(router.NumStored);
            _applied.WithLabels(router.Model, "removed", Ok).IncTo(router.NumRemoved);
            _applied.WithLabels(router.Model, "cleared", Ok).IncTo(router.NumCleared);
            _gaps.WithLabels(router.Model).IncTo(router.NumGaps);
            _lists.WithLabels(router.Model).IncTo(router.NumLists);
        }

        foreach (RouterStatus router in board.Routers)
        {
            _held.WithLabels(router.Model, WorkerType).Set(router.NumHeld);
            _heldTokens.WithLabels(router.Model, WorkerType).Set(router.NumHeldTokens);
            foreach (WorkerLoad worker in router.Workers)
            {
                string id = worker.Worker.ToString();
                _decodeBlocks.WithLabels(router.Model, id, Rank, WorkerType).Set(worker.UsedBlocks);
                _prefillTokens.WithLabels(router.Model, id, Rank, WorkerType).Set(worker.QueuedTokens);
            }
        }
    }

    private static void Clear<TChild>(Collector<TChild> collector)
        where TChild : ChildBase
    {
        foreach (string[] labels in collector.GetAllLabelValues())
        {
            collector.RemoveLabelled(labels);
        }
    }
}
