using System.Collections.Concurrent;
using Dynamo.Cluster.Routing;
using Dynamo.Frontend.Metrics;
using Dynamo.Protocol.Routing;
using Prometheus;

namespace Dynamo.Hosting.Metrics;

/// <summary>
/// What the routers of this process decide, under Dynamo's names where it has them. A router lives in one frontend; the others show none of it but what
/// asking it costs them.
/// </summary>
internal sealed class RouterMetrics : IRouterObserver
{
    private const string Router = "dynamo_component_router_";
    private const string Overhead = "dynamo_router_overhead_";

    private readonly ConcurrentDictionary<string, RouterModelMetrics> _models = new(StringComparer.Ordinal);
    private readonly Counter _started;
    private readonly Counter _requests;
    private readonly Counter _rejected;
    private readonly Counter _promptTokens;
    private readonly Counter _overlapTokens;
    private readonly Counter _nonMaxOverlap;
    private readonly Counter _inexactMoves;
    private readonly Histogram _hitRate;
    private readonly Histogram _inputTokens;
    private readonly Histogram _hashing;
    private readonly Histogram _scheduling;
    private readonly Histogram _total;

    private RouterMetrics(MetricFactory factory)
    {
        _started = factory.CreateCounter(Router + "requests_started_total", "Requests that the router was asked to send, moves included.", ["model"]);
        _requests = factory.CreateCounter(Router + "requests_total", "Requests sent to a worker, moves included.", ["model"]);
        _rejected = factory.CreateCounter(Router + "rejected_requests_total", "Requests refused because every worker is too busy.", ["model"]);
        _promptTokens = factory.CreateCounter(Router + "prompt_tokens_total", "Prompt tokens of the requests sent.", ["model"]);
        _overlapTokens = factory.CreateCounter(Router + "overlap_tokens_total", "Of those, the ones that the chosen worker was thought to have.", ["model"]);
        _nonMaxOverlap = factory.CreateCounter(Router + "non_max_overlap_selections_total", "Requests that went to a worker although another had more of their prompt.", ["model"]);
        _inexactMoves = factory.CreateCounter(
            "dynamo_frontend_model_inexact_migration_total",
            "Requests that went on at a worker whose text may differ: of another numerics class, or of the same one that is not exact.",
            ["model", "reason"]);
        _hitRate = Histogram(Router + "kv_hit_rate", "Share of a prompt that the chosen worker was thought to have, 0 to 1.", Prometheus.Histogram.LinearBuckets(0, 0.05, 21));
        _inputTokens = Histogram(Router + "input_sequence_tokens", "Tokens of prompts sent to a worker.", LogBuckets.Create(50, 128_000, 12));
        double[] compute = Prometheus.Histogram.ExponentialBuckets(0.001, 2, 15);
        double[] calls = Prometheus.Histogram.ExponentialBuckets(0.01, 3, 17);
        _hashing = Histogram(Overhead + "block_hashing_ms", "Milliseconds for the keys of a prompt's blocks, on the frontend that has the request.", compute);
        _scheduling = Histogram(Overhead + "scheduling_ms", "Milliseconds to look up a prompt's prefixes and to choose a worker, on the frontend that has the router.", calls);
        _total = Histogram(Overhead + "total_ms", "Milliseconds for keys, the call of the router and its answer, on the frontend that has the request.", calls);

        Histogram Histogram(string name, string help, double[] buckets) => factory.CreateHistogram(name, help, ["model"], new HistogramConfiguration { Buckets = buckets });
    }

    /// <summary>Registers the metrics of the routers of this process; how they are is looked at when metrics are collected.</summary>
    public static void Register(CollectorRegistry registry, IRouterBoard routers)
    {
        MetricFactory factory = Prometheus.Metrics.WithCustomRegistry(registry);
        routers.Tell(new RouterMetrics(factory));
        RouterGauges state = new(factory);
        registry.AddBeforeCollectCallback(() => state.Update(routers));
    }

    /// <inheritdoc/>
    public void OnDecided(string model, in RoutingOutcome outcome)
    {
        RouterModelMetrics metrics = Of(model);
        if (outcome.Took is { } took)
        {
            metrics.Started.Inc();
            metrics.Scheduling.Observe(took.TotalMilliseconds);
        }

        if (outcome.Status == RouteStatus.Overloaded)
        {
            metrics.Rejected.Inc();
        }
        else if (outcome.Status == RouteStatus.Routed)
        {
            metrics.Requests.Inc();
            metrics.PromptTokens.Inc(outcome.NumPromptTokens);
            metrics.OverlapTokens.Inc(outcome.NumOverlapTokens);
            metrics.InputTokens.Observe(outcome.NumPromptTokens);
            metrics.HitRate.Observe((double)outcome.NumOverlapTokens / Math.Max(1, outcome.NumPromptTokens));
            if (outcome.NumMostOverlapTokens > outcome.NumOverlapTokens)
            {
                metrics.NonMaxOverlap.Inc();
            }
        }
    }

    /// <inheritdoc/>
    public void OnAsked(string model, TimeSpan hashing, TimeSpan total)
    {
        RouterModelMetrics metrics = Of(model);
        metrics.Hashing.Observe(hashing.TotalMilliseconds);
        metrics.Total.Observe(total.TotalMilliseconds);
    }

    /// <inheritdoc/>
    public void OnInexactMove(string model, bool isOtherClass) => _inexactMoves.WithLabels(model, isOtherClass ? "other_class" : "inexact").Inc();

    private RouterModelMetrics Of(string model) => _models.TryGetValue(model, out RouterModelMetrics? known) ? known : _models.GetOrAdd(model, Create);

    private RouterModelMetrics Create(string model) => new()
    {
        Started = _started.WithLabels(model),
        Requests = _requests.WithLabels(model),
        Rejected = _rejected.WithLabels(model),
        PromptTokens = _promptTokens.WithLabels(model),
        OverlapTokens = _overlapTokens.WithLabels(model),
        NonMaxOverlap = _nonMaxOverlap.WithLabels(model),
        HitRate = _hitRate.WithLabels(model),
        InputTokens = _inputTokens.WithLabels(model),
        Hashing = _hashing.WithLabels(model),
        Scheduling = _scheduling.WithLabels(model),
        Total = _total.WithLabels(model),
    };
}
