using System.Diagnostics.Metrics;
using Dynamo.Cluster.Telemetry;

namespace Dynamo.Worker.Telemetry;

/// <summary>What the workers of this process have done, under the names of Dynamo's work handler. Thread-safe.</summary>
internal sealed class WorkInstruments
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Dynamo.Worker";

    /// <summary>What every instrument's name begins with.</summary>
    public const string Prefix = "dynamo.component.";

    /// <summary>The one thing that workers are asked to do.</summary>
    public static readonly KeyValuePair<string, object?> Endpoint = new("dynamo_endpoint", "generate");

    // Prometheus' own, as Dynamo has them, and what answers of thousands of tokens take.
    private static readonly double[] Durations = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250];

    /// <summary>Creates the instruments.</summary>
    public WorkInstruments(IMeterFactory meters)
    {
        Meter meter = meters.Create(MeterName);
        Requests = meter.CreateCounter<long>(Prefix + "requests", "{request}", "Sequences that are over here, whichever way.");
        Errors = meter.CreateCounter<long>(Prefix + "errors", "{request}", "Sequences that failed (generate) or whose frontend could not be reached (publish_response).");
        Cancellations = meter.CreateCounter<long>(Prefix + "cancellation", "{request}", "Sequences that nobody waited for any longer.");
        RequestBytes = meter.CreateCounter<long>(Prefix + "request", "By", "Bytes of the requests received.");
        ResponseBytes = meter.CreateCounter<long>(Prefix + "response", "By", "Bytes of the frames sent to frontends.");
        Duration = meter.CreateHistogram(Prefix + "request_duration", "s", "Seconds from a sequence's arrival at the worker to its end there.", Durations);
    }

    /// <summary>Ends.</summary>
    public Counter<long> Requests { get; }

    /// <summary>Ends that are faults.</summary>
    public Counter<long> Errors { get; }

    /// <summary>Ends that frontends asked for.</summary>
    public Counter<long> Cancellations { get; }

    /// <summary>What came.</summary>
    public Counter<long> RequestBytes { get; }

    /// <summary>What went.</summary>
    public Counter<long> ResponseBytes { get; }

    /// <summary>Seconds of a sequence.</summary>
    public Histogram<double> Duration { get; }

    /// <summary>The same for one worker.</summary>
    public WorkMeter Of(string model, string worker) => new(this, worker, [Labels.Of(model), new(Labels.WorkerId, worker), Endpoint]);
}
