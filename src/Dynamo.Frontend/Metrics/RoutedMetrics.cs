using Prometheus;

namespace Dynamo.Frontend.Metrics;

/// <summary>
/// What became of routed requests, under the names of Dynamo's router, whose dashboards look for them. Measured on the frontend that has the request, whichever has
/// the router; equal to the frontend's own, for every request is routed.
/// </summary>
internal sealed class RoutedMetrics
{
    private const string Router = "dynamo_component_router_";

    private readonly Histogram _timeToFirstToken;
    private readonly Histogram _interTokenLatency;
    private readonly Histogram _outputTokens;

    /// <summary>Registers them.</summary>
    public RoutedMetrics(MetricFactory factory)
    {
        _timeToFirstToken = Histogram("time_to_first_token_seconds", "Time to the first token of routed requests.", LogBuckets.TimeToFirstToken);
        _interTokenLatency = Histogram("inter_token_latency_seconds", "Time between tokens of routed requests.", LogBuckets.InterTokenLatency);
        _outputTokens = Histogram("output_sequence_tokens", "Tokens of answers of routed requests.", LogBuckets.OutputTokens);

        Histogram Histogram(string name, string help, double[] buckets) =>
            factory.CreateHistogram(Router + name, help, ["model"], new HistogramConfiguration { Buckets = buckets });
    }

    /// <summary>Those of one model.</summary>
    public RoutedModelMetrics Of(string model) => new(_timeToFirstToken.WithLabels(model), _interTokenLatency.WithLabels(model), _outputTokens.WithLabels(model));
}

/// <summary>The same of one model, looked up once.</summary>
internal sealed record RoutedModelMetrics(Histogram.Child TimeToFirstToken, Histogram.Child InterTokenLatency, Histogram.Child OutputTokens);
