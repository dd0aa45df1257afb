using System.Diagnostics.Metrics;
using Dynamo.Cluster.Telemetry;

namespace Dynamo.Serving.Dispatch;

/// <summary>What asking a router costs on the frontend that has the request, wherever the router lives. Thread-safe.</summary>
internal sealed class DispatchInstruments
{
    /// <summary>Name of the meter of this side of the cluster.</summary>
    public const string MeterName = "Dynamo.Serving";

    private readonly Histogram<double> _hashing;
    private readonly Histogram<double> _total;

    /// <summary>Creates the instruments.</summary>
    public DispatchInstruments(IMeterFactory meters)
    {
        Meter meter = meters.Create(MeterName);
        _hashing = meter.CreateHistogram(
            "dynamo.router.overhead.block_hashing", "ms", "Milliseconds for the keys of a prompt's blocks, on the frontend that has the request.", RouterBuckets.Computing);
        _total = meter.CreateHistogram(
            "dynamo.router.overhead.total", "ms", "Milliseconds for keys, the call of the router and its answer, on the frontend that has the request.", RouterBuckets.Calls);
    }

    /// <summary>A router was asked and there is an answer, its own or this frontend's.</summary>
    /// <param name="model">The router's model.</param>
    /// <param name="hashing">Time that the keys of the prompt's blocks took.</param>
    /// <param name="total">That and the wait for the answer.</param>
    public void OnAsked(string model, TimeSpan hashing, TimeSpan total)
    {
        _hashing.Record(hashing.TotalMilliseconds, Labels.Of(model));
        _total.Record(total.TotalMilliseconds, Labels.Of(model));
    }
}
