using Dynamo.Cluster.Workers;
using Prometheus;

namespace Dynamo.Cli.Roles;

/// <summary>Shows the engine's load under the names of Dynamo's workers, read when metrics are collected.</summary>
internal static class WorkerMetrics
{
    private const string Prefix = "dynamo_component_";

    /// <summary>Registers the metrics of one worker.</summary>
    public static void Register(CollectorRegistry registry, EngineHost host, string model)
    {
        MetricFactory metrics = Metrics.WithCustomRegistry(registry);
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
            if (host.Load() is not { } load)
            {
                return;
            }

            activeBlocks.Set(load.NumUsedBlocks);
            totalBlocks.Set(load.NumTotalBlocks);
            usage.Set(Share(load.NumUsedBlocks, load.NumTotalBlocks));
            hitRate.Set(Share(load.NumPrefixHitTokens, load.NumPrefixQueryTokens));
            inflight.Set(load.NumRunning + load.NumWaiting);
            running.Set(load.NumRunning);
            waiting.Set(load.NumWaiting);
            preemptions.IncTo(load.NumPreemptions);
        });

        Gauge.Child Gauge(string name, string help) => metrics.CreateGauge(name, help, ["model"]).WithLabels(model);
    }

    private static double Share(double part, double whole) => whole == 0 ? 0 : part / whole;
}
