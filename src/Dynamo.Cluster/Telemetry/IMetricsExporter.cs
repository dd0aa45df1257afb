namespace Dynamo.Cluster.Telemetry;

/// <summary>Writes what the process measures as text for <c>GET /metrics</c>. Thread-safe.</summary>
public interface IMetricsExporter
{
    /// <summary>Media type of the text.</summary>
    string ContentType { get; }

    /// <summary>Collects and writes.</summary>
    Task WriteAsync(Stream stream, CancellationToken cancellationToken);
}
