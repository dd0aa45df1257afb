using Dynamo.Cluster.Routing;
using Dynamo.Routing.Workers;
using Prometheus;

namespace Dynamo.Frontend.Metrics;

/// <summary>What the routers of this process have done, under Dynamo's names where it has them. A router lives in one frontend; the others show none of it.</summary>
internal sealed class RouterMetrics
{
    private const string Router = "dynamo_component_router_";
    private const string Frontend = "dynamo_frontend_";

    private readonly Counter _requests;
    private readonly Counter _rejected;
    private readonly Counter _promptTokens;
    private readonly Counter _overlapTokens;
    private readonly Counter _nonMaxOverlap;
    private readonly Gauge _held;
    private readonly Gauge _decodeBlocks;
    private readonly Gauge _prefillTokens;
    private readonly Gauge _mismatched;

    /// <summary>Registers them.</summary>
    public RouterMetrics(MetricFactory factory)
    {
        _requests = factory.CreateCounter(Router + "requests_total", "Requests sent to a worker, moves included.", ["model"]);
        _rejected = factory.CreateCounter(Router + "rejected_requests_total", "Requests refused because every worker is too busy.", ["model"]);
        _promptTokens = factory.CreateCounter(Router + "prompt_tokens_total", "Prompt tokens of the requests sent.", ["model"]);
        _overlapTokens = factory.CreateCounter(Router + "overlap_tokens_total", "Of those, the ones that the chosen worker was thought to have.", ["model"]);
        _nonMaxOverlap = factory.CreateCounter(Router + "non_max_overlap_selections_total", "Requests that went to a worker although another had more of their prompt.", ["model"]);
        _held = factory.CreateGauge(Frontend + "router_queue_pending_requests", "Requests that the router holds.", ["model"]);
        _decodeBlocks = factory.CreateGauge(Frontend + "worker_active_decode_blocks", "KV blocks in use at a worker, as the router knows.", ["model", "worker_id"]);
        _prefillTokens = factory.CreateGauge(Frontend + "worker_active_prefill_tokens", "Prompt tokens that a worker has to compute, as the router knows.", ["model", "worker_id"]);
        _mismatched = factory.CreateGauge(Router + "kv_event_source_mismatch_workers", "Workers that hold cached blocks and have told of none.");
    }

    /// <summary>Brings them up to date.</summary>
    public void Update(IRouterBoard board)
    {
        _mismatched.Set(board.NumMismatchedWorkers);
        foreach (Gauge gauge in (Gauge[])[_held, _decodeBlocks, _prefillTokens])
        {
            foreach (string[] labels in gauge.GetAllLabelValues())
            {
                gauge.RemoveLabelled(labels);
            }
        }

        foreach (RouterStatus router in board.Routers)
        {
            _requests.WithLabels(router.Model).IncTo(router.NumRouted);
            _rejected.WithLabels(router.Model).IncTo(router.NumOverloaded);
            _promptTokens.WithLabels(router.Model).IncTo(router.NumPromptTokens);
            _overlapTokens.WithLabels(router.Model).IncTo(router.NumOverlapTokens);
            _nonMaxOverlap.WithLabels(router.Model).IncTo(router.NumNonMaxOverlap);
            _held.WithLabels(router.Model).Set(router.NumHeld);
            foreach (WorkerLoad worker in router.Workers)
            {
                string id = worker.Worker.ToString();
                _decodeBlocks.WithLabels(router.Model, id).Set(worker.UsedBlocks);
                _prefillTokens.WithLabels(router.Model, id).Set(worker.QueuedTokens);
            }
        }
    }
}
