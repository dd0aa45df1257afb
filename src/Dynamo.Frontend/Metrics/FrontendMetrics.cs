using System.Collections.Concurrent;
using Dynamo.Serving.Catalog;
using Prometheus;

namespace Dynamo.Frontend.Metrics;

/// <summary>What <c>/metrics</c> shows: the names, labels and buckets of Dynamo's frontend, so that its boards work unchanged. Thread-safe.</summary>
internal sealed class FrontendMetrics
{
    private const string Prefix = "dynamo_frontend_";

    private readonly ConcurrentDictionary<string, ModelMetrics> _models = new(StringComparer.Ordinal);
    private readonly Counter _requests;
    private readonly Counter _started;
    private readonly Counter _cancellations;
    private readonly Counter _rejections;
    private readonly Gauge _disconnected;
    private readonly Gauge _inflight;
    private readonly Gauge _active;
    private readonly Gauge _queued;
    private readonly Counter _outputTokens;
    private readonly Histogram _duration;
    private readonly Histogram _timeToFirstToken;
    private readonly Histogram _interTokenLatency;
    private readonly Histogram _inputTokens;
    private readonly Histogram _outputLength;
    private readonly Histogram _cachedTokens;
    private readonly RoutedMetrics _routed;

    /// <summary>Registers all metrics.</summary>
    /// <param name="registry">Where they go; whoever else has metrics in this process may add them there.</param>
    /// <param name="catalog">The models, looked at when metrics are collected.</param>
    public FrontendMetrics(CollectorRegistry registry, IModelCatalog catalog)
    {
        Registry = registry;
        MetricFactory factory = Prometheus.Metrics.WithCustomRegistry(registry);
        _requests = factory.CreateCounter(Prefix + "requests_total", "LLM requests processed.", ["model", "endpoint", "request_type", "status", "error_type"]);
        _started = factory.CreateCounter(Prefix + "requests_started_total", "LLM requests accepted by the frontend.", ["model", "endpoint", "request_type"]);
        _cancellations = factory.CreateCounter(Prefix + "model_cancellation_total", "Requests cancelled by their client.", ["model", "endpoint", "request_type"]);
        _rejections = factory.CreateCounter(Prefix + "model_rejection_total", "Requests rejected for overload.", ["model", "endpoint"]);
        _disconnected = factory.CreateGauge(Prefix + "disconnected_clients", "Clients that left before their answer was complete.");
        _inflight = factory.CreateGauge(Prefix + "inflight_requests", "Requests in the frontend, from their arrival to the end of the answer.", ["model"]);
        _active = factory.CreateGauge(Prefix + "active_requests", "Requests in the frontend, from their arrival to the end of the answer.", ["model"]);
        _queued = factory.CreateGauge(Prefix + "queued_requests", "Requests that wait for their first token.", ["model"]);
        _outputTokens = factory.CreateCounter(Prefix + "output_tokens_total", "Output tokens, counted as they arrive.", ["model"]);
        _duration = Histogram("request_duration_seconds", "Duration of requests.", LogBuckets.Create(1, 512, 10));
        _timeToFirstToken = Histogram("time_to_first_token_seconds", "Time to the first token.", LogBuckets.TimeToFirstToken);
        _interTokenLatency = Histogram("inter_token_latency_seconds", "Time between tokens.", LogBuckets.InterTokenLatency);
        _inputTokens = Histogram("input_sequence_tokens", "Tokens of prompts.", LogBuckets.Create(50, 128_000, 12));
        _outputLength = Histogram("output_sequence_tokens", "Tokens of answers.", LogBuckets.OutputTokens);
        _cachedTokens = Histogram("cached_tokens", "Tokens of prompts that came from the prefix cache.", LogBuckets.Create(50, 128_000, 12));
        _routed = new RoutedMetrics(factory);
        ModelGauges gauges = new(factory, Prefix);
        registry.AddBeforeCollectCallback(() => gauges.Update(catalog.Models));

        Histogram Histogram(string name, string help, double[] buckets) =>
            factory.CreateHistogram(Prefix + name, help, ["model"], new HistogramConfiguration { Buckets = buckets });
    }

    /// <summary>All metrics of the process.</summary>
    public CollectorRegistry Registry { get; }

    /// <summary>Requests that are in the frontend now.</summary>
    public long NumInflight => (long)_models.Values.Sum(static model => model.Inflight.Value);

    /// <summary>Metrics of one model. Only names of the catalog may come here: clients must not be able to make labels.</summary>
    public ModelMetrics Of(string model) => _models.TryGetValue(model, out ModelMetrics? known) ? known : _models.GetOrAdd(model, Create);

    /// <summary>Counts a request that arrived.</summary>
    public void OnStarted(string model, string endpoint, string requestType) => _started.WithLabels(model, endpoint, requestType).Inc();

    /// <summary>Counts a request that is over.</summary>
    public void OnEnded(string model, string endpoint, string requestType, RequestOutcome outcome)
    {
        if (outcome == RequestOutcome.Cancelled)
        {
            _cancellations.WithLabels(model, endpoint, requestType).Inc();
            _disconnected.Inc();
        }
        else if (outcome == RequestOutcome.Overload)
        {
            _rejections.WithLabels(model, endpoint).Inc();
        }

        // Last: whoever sees the request counted here sees it in the others, too.
        _requests.WithLabels(model, endpoint, requestType, outcome == RequestOutcome.Success ? "success" : "error", ErrorType(outcome)).Inc();
    }

    private ModelMetrics Create(string model) => new()
    {
        Inflight = _inflight.WithLabels(model),
        Active = _active.WithLabels(model),
        Queued = _queued.WithLabels(model),
        OutputTokens = _outputTokens.WithLabels(model),
        Duration = _duration.WithLabels(model),
        TimeToFirstToken = _timeToFirstToken.WithLabels(model),
        InterTokenLatency = _interTokenLatency.WithLabels(model),
        InputTokens = _inputTokens.WithLabels(model),
        OutputLength = _outputLength.WithLabels(model),
        CachedTokens = _cachedTokens.WithLabels(model),
        Routed = _routed.Of(model),
    };

    private static string ErrorType(RequestOutcome outcome) => outcome switch
    {
        RequestOutcome.Success => "",
        RequestOutcome.Validation => "validation",
        RequestOutcome.NotFound => "not_found",
        RequestOutcome.Overload => "overload",
        RequestOutcome.Unavailable => "unavailable",
        RequestOutcome.Cancelled => "cancelled",
        _ => "internal",
    };
}
