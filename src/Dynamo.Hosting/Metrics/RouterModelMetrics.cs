using Prometheus;

namespace Dynamo.Hosting.Metrics;

/// <summary>The router metrics of one model, looked up once.</summary>
internal sealed class RouterModelMetrics
{
    public required Counter.Child Started { get; init; }

    public required Counter.Child Requests { get; init; }

    public required Counter.Child Rejected { get; init; }

    public required Counter.Child PromptTokens { get; init; }

    public required Counter.Child OverlapTokens { get; init; }

    public required Counter.Child NonMaxOverlap { get; init; }

    public required Histogram.Child HitRate { get; init; }

    public required Histogram.Child InputTokens { get; init; }

    public required Histogram.Child Hashing { get; init; }

    public required Histogram.Child Scheduling { get; init; }

    public required Histogram.Child Total { get; init; }
}
