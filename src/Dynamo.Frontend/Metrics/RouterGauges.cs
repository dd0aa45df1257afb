using Dynamo.Cluster.Routing;
using Dynamo.Routing.Workers;
using Prometheus;

namespace Dynamo.Frontend.Metrics;

/// <summary>How the routers of this process are, read when metrics are collected. Labels are Dynamo's and the model; a worker is all of its ranks.</summary>
internal sealed class RouterGauges
{
    private const string Prefix = "dynamo_frontend_";
    private const string WorkerType = "decode";
    private const string Rank = "0";

    private readonly Gauge _held;
    private readonly Gauge _heldTokens;
    private readonly Gauge _decodeBlocks;
    private readonly Gauge _prefillTokens;
    private readonly Gauge _mismatched;

    /// <summary>Registers them.</summary>
    public RouterGauges(MetricFactory factory)
    {
        _held = Queue("pending_requests", "Requests that the router holds.");
        _heldTokens = Queue("pending_isl_tokens", "Prompt tokens of the requests that the router holds.");
        _decodeBlocks = Worker("active_decode_blocks", "KV blocks in use at a worker, as the router knows.");
        _prefillTokens = Worker("active_prefill_tokens", "Prompt tokens that a worker has to compute, as the router knows.");
        _mismatched = factory.CreateGauge("dynamo_component_router_kv_event_source_mismatch_workers", "Workers that hold cached blocks and have told of none.");

        Gauge Queue(string name, string help) => factory.CreateGauge(Prefix + "router_queue_" + name, help, ["model", "worker_type"]);

        Gauge Worker(string name, string help) => factory.CreateGauge(Prefix + "worker_" + name, help, ["model", "worker_id", "dp_rank", "worker_type"]);
    }

    /// <summary>Brings them up to date.</summary>
    public void Update(IRouterBoard board)
    {
        _mismatched.Set(board.NumMismatchedWorkers);
        foreach (Gauge gauge in (Gauge[])[_held, _heldTokens, _decodeBlocks, _prefillTokens])
        {
            foreach (string[] labels in gauge.GetAllLabelValues())
            {
                gauge.RemoveLabelled(labels);
            }
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
}
