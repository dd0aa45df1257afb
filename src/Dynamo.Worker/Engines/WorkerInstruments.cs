using System.Diagnostics.Metrics;
using Dynamo.Cluster.Telemetry;
using Dynamo.Protocol.Load;
using Dynamo.Worker.Telemetry;

namespace Dynamo.Worker.Engines;

/// <summary>The load of every engine of this process under the names of Dynamo's workers, looked at when somebody asks. Thread-safe.</summary>
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
        Gauge("kvstats_active_blocks", "{block}", "KV blocks held by running sequences.", static load => load.NumUsedBlocks);
        Gauge("kvstats_total_blocks", "{block}", "KV blocks of the pool.", static load => load.NumTotalBlocks);
        Gauge("kvstats_gpu_cache_usage_percent", "1", "Share of KV blocks held by running sequences, 0 to 1.", static load => Share(load.NumUsedBlocks, load.NumTotalBlocks));
        Gauge("kvstats_gpu_prefix_cache_hit_rate", "1", "Share of looked-up prompt tokens found in the prefix cache, 0 to 1.", static load => Share(load.NumPrefixHitTokens, load.NumPrefixQueryTokens));
        Gauge("running_requests", "{sequence}", "Sequences that are computed each step.", static load => load.NumRunning);
        Gauge("waiting_requests", "{sequence}", "Sequences in the queue.", static load => load.NumWaiting);
        meter.CreateObservableGauge(
            WorkInstruments.Prefix + "inflight_requests",
            () => OfEngines(static load => load.NumRunning + load.NumWaiting, WorkInstruments.Endpoint),
            "{sequence}",
            "Sequences that run or wait.");
        meter.CreateObservableCounter(WorkInstruments.Prefix + "preemptions", () => OfEngines(static load => load.NumPreemptions), "{sequence}", "Sequences preempted.");
        meter.CreateObservableGauge(WorkInstruments.Prefix + "uptime", () => time.GetElapsedTime(start).TotalSeconds, "s", "Seconds since the process began to offer its GPUs.");

        void Gauge(string name, string unit, string description, Func<LoadReport, double> value) =>
            meter.CreateObservableGauge(WorkInstruments.Prefix + name, () => OfEngines(value), unit, description);
    }

    private IEnumerable<Measurement<double>> OfEngines(Func<LoadReport, double> value, params KeyValuePair<string, object?>[] more) => _hosts.All
        .Select(static host => host.Load())
        .OfType<LoadReport>()
        .Select(load => new Measurement<double>(value(load), [Labels.Of(_model), new(Labels.WorkerId, load.Worker.ToString()), .. more]));

    private static double Share(double part, double whole) => whole == 0 ? 0 : part / whole;
}
