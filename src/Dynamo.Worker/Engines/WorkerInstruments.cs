using System.Diagnostics.Metrics;
using Dynamo.Cluster.Telemetry;
using Dynamo.Protocol.Load;
using Dynamo.Worker.Telemetry;

namespace Dynamo.Worker.Engines;

/// <summary>The load of all engines of this process together under the names of Dynamo's workers, looked at when somebody asks. Thread-safe.</summary>
internal sealed class WorkerInstruments : IObservedInstruments
{
    private readonly string _model;
    private readonly EngineHosts _hosts;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meters">Makes the meter.</param>
    /// <param name="options">What is served.</param>
    /// <param name="hosts">The engines.</param>
    /// <param name="time">Clock.</param>
    public WorkerInstruments(IMeterFactory meters, WorkerOptions options, EngineHosts hosts, TimeProvider time)
    {
        (_model, _hosts) = (options.Model, hosts);
        Meter meter = meters.Create(WorkInstruments.MeterName);
        long start = time.GetTimestamp();
        Gauge("kvstats_active_blocks", "{block}", "KV blocks held by running sequences.", static loads => loads.Sum(static load => load.NumUsedBlocks));
        Gauge("kvstats_total_blocks", "{block}", "KV blocks of the pool.", static loads => loads.Sum(static load => load.NumTotalBlocks));
        Gauge("kvstats_gpu_cache_usage_percent", "1", "Share of KV blocks held by running sequences, 0 to 1.", static loads => Share(loads.Sum(static load => load.NumUsedBlocks), loads.Sum(static load => load.NumTotalBlocks)));
        Gauge("kvstats_gpu_prefix_cache_hit_rate", "1", "Share of looked-up prompt tokens found in the prefix cache, 0 to 1.", static loads => Share(loads.Sum(static load => load.NumPrefixHitTokens), loads.Sum(static load => load.NumPrefixQueryTokens)));
        Gauge("inflight_requests", "{sequence}", "Sequences that run or wait.", static loads => loads.Sum(static load => load.NumRunning + load.NumWaiting));
        Gauge("running_requests", "{sequence}", "Sequences that are computed each step.", static loads => loads.Sum(static load => load.NumRunning));
        Gauge("waiting_requests", "{sequence}", "Sequences in the queue.", static loads => loads.Sum(static load => load.NumWaiting));
        meter.CreateObservableCounter(WorkInstruments.Prefix + "preemptions", () => OfEngines(static loads => loads.Sum(static load => load.NumPreemptions)), "{sequence}", "Sequences preempted.");
        meter.CreateObservableGauge(WorkInstruments.Prefix + "uptime", () => time.GetElapsedTime(start).TotalSeconds, "s", "Seconds since the process began to offer its GPUs.");

        void Gauge(string name, string unit, string description, Func<LoadReport[], double> value) =>
            meter.CreateObservableGauge(WorkInstruments.Prefix + name, () => OfEngines(value), unit, description);
    }

    // Of all engines of the process together; nothing while none is loaded.
    private IEnumerable<Measurement<double>> OfEngines(Func<LoadReport[], double> value)
    {
        LoadReport[] loads = [.. _hosts.All.Select(static host => host.Load()).OfType<LoadReport>()];
        return loads.Length == 0 ? [] : [new Measurement<double>(value(loads), Labels.Of(_model))];
    }

    private static double Share(double part, double whole) => whole == 0 ? 0 : part / whole;
}
