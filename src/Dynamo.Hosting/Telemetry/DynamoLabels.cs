namespace Dynamo.Hosting.Telemetry;

/// <summary>Labels that say which process a metric is of, where Dynamo has them.</summary>
internal static class DynamoLabels
{
    private const string Component = "dynamo_component_";
    private const string Router = Component + "router_";

    // As they were before there were others; what reads them knows them so.
    private static readonly string[] Plain = [Component + "inflight_requests", Component + "running_requests", Component + "waiting_requests", Component + "preemptions_total"];

    /// <summary>Labels of a metric, besides those of each measurement.</summary>
    /// <param name="metric">Its name.</param>
    /// <param name="nameSpace">The cluster.</param>
    /// <param name="process">Name of the process; of a router, too, for one lives in it.</param>
    public static Dictionary<string, string> Of(string metric, string nameSpace, string process)
    {
        if (metric.StartsWith(Router, StringComparison.Ordinal) || metric.StartsWith(Component + "kv_cache_", StringComparison.Ordinal))
        {
            return new Dictionary<string, string>
            {
                ["dynamo_namespace"] = nameSpace,
                ["dynamo_component"] = "router",
                ["worker_id"] = process,
                ["router_id"] = process,
            };
        }

        if (metric.StartsWith(Component + "kvstats_", StringComparison.Ordinal) || Plain.Contains(metric))
        {
            return [];
        }

        if (metric.StartsWith(Component, StringComparison.Ordinal))
        {
            return new Dictionary<string, string> { ["dynamo_namespace"] = nameSpace, ["dynamo_component"] = "backend" };
        }

        return metric.StartsWith("dynamo_router_overhead_", StringComparison.Ordinal) ? new Dictionary<string, string> { ["router_id"] = process } : [];
    }
}
