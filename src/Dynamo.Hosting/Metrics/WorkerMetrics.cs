using Dynamo.Protocol.Load;
using Dynamo.Worker.Engines;
using Prometheus;

namespace Dynamo.Hosting.Metrics;

/// <summary>Shows the load of all engines of this process together under the names of Dynamo's workers, read when metrics are collected.</summary>
internal static class WorkerMetrics
{
    private const string Prefix = "dynamo_component_";

    /// <summary>Registers the metrics of one process.</summary>
    public static void Register(CollectorRegistry registry, EngineHosts hosts, string model)
    {
        MetricFactory metrics = Prometheus.Metrics.WithCustomRegistry(registry);
        Gauge.Child activeBlocks = Gauge(Prefix + "kvstats_active_blocks", "KV blocks held by running sequences.");
        Gauge.Child totalBlocks = Gauge(Prefix + "kvstats_total_blocks", "KV blocks of the pool.");
        Gauge.Child usage = Gauge(Prefix + "kvstats_gpu_cache_usage_percent", "Share of KV blocks held by running sequences, 0 to 1.");
        Gauge.Child hitRate = Gauge(Prefix + "kvstats_gpu_prefix_cache_hit_rate", "Share of looked-up prompt tokens found in the prefix cache, 0 to 1.");
        Gauge.Child inflight = Gauge(Prefix + "inflight_requests", "Sequences that run or wait.");
        Gauge.Child running = Gauge(Prefix + "running_requests", "Sequences that are computed each step.");
        Gauge.Child waiting = Gauge(Prefix + "waiting_requests", "Sequences in the queue.");
        Counter.Child preemptions = metrics.CreateCounter(Prefix + "preemptions_total", "Sequences preempted.", ["model"]).WithLabels(model);
        registry.AddBeforeCollectCallback(() =>
        {
            LoadReport[] loads = [.. hosts.All.Select(static host => host.Load()).OfType<LoadReport>()];
            if (loads.Length == 0)
            {
                return;
            }

            activeBlocks.Set(loads.Sum(static load => load.NumUsedBlocks));
            totalBlocks.Set(loads.Sum(static load => load.NumTotalBlocks));
            usage.Set(Share(loads.Sum(static load => load.NumUsedBlocks), loads.Sum(static load => load.NumTotalBlocks)));
            hitRate.Set(Share(loads.Sum(static load => load.NumPrefixHitTokens), loads.Sum(static load => load.NumPrefixQueryTokens)));
            inflight.Set(loads.Sum(static load => load.NumRunning + load.NumWaiting));
            running.Set(loads.Sum(static load => load.NumRunning));
            waiting.Set(loads.Sum(static load => load.NumWaiting));
            preemptions.IncTo(loads.Sum(static load => load.NumPreemptions));
        });

        Gauge.Child Gauge(string name, string help) => metrics.CreateGauge(name, help, ["model"]).WithLabels(model);
    }

    private static double Share(double part, double whole) => whole == 0 ? 0 : part / whole;
}
