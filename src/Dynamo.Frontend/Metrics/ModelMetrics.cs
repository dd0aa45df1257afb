using Prometheus;

namespace Dynamo.Frontend.Metrics;

/// <summary>The metrics of one model, looked up once.</summary>
internal sealed class ModelMetrics
{
    public required Gauge.Child Inflight { get; init; }

    public required Gauge.Child Active { get; init; }

    public required Gauge.Child Queued { get; init; }

    public required Counter.Child OutputTokens { get; init; }

    public required Histogram.Child Duration { get; init; }

    public required Histogram.Child TimeToFirstToken { get; init; }

    public required Histogram.Child InterTokenLatency { get; init; }

    public required Histogram.Child InputTokens { get; init; }

    public required Histogram.Child OutputLength { get; init; }

    public required Histogram.Child CachedTokens { get; init; }

    public required RoutedModelMetrics Routed { get; init; }
}

/// <summary>How a request ended, for metrics.</summary>
internal enum RequestOutcome
{
    /// <summary>Answered whole.</summary>
    Success,

    /// <summary>The client's fault.</summary>
    Validation,

    /// <summary>No such model.</summary>
    NotFound,

    /// <summary>Refused for overload.</summary>
    Overload,

    /// <summary>No instance is ready.</summary>
    Unavailable,

    /// <summary>The client left.</summary>
    Cancelled,

    /// <summary>Our fault.</summary>
    Internal,
}
