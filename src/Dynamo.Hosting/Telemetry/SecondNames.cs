namespace Dynamo.Hosting.Telemetry;

/// <summary>
/// Metrics that Dynamo shows twice: every request of a frontend is routed, so the frontend's numbers are also its router's, which dashboards look for. They are
/// measured on the frontend that has the request, whichever has the router.
/// </summary>
internal static class SecondNames
{
    private static readonly Dictionary<string, (string Name, string Help)> All = new(StringComparer.Ordinal)
    {
        ["dynamo_frontend_time_to_first_token_seconds"] = ("dynamo_component_router_time_to_first_token_seconds", "Time to the first token of routed requests."),
        ["dynamo_frontend_inter_token_latency_seconds"] = ("dynamo_component_router_inter_token_latency_seconds", "Time between tokens of routed requests."),
        ["dynamo_frontend_output_sequence_tokens"] = ("dynamo_component_router_output_sequence_tokens", "Tokens of answers of routed requests."),
        ["dynamo_component_kvstats_total_blocks"] = ("dynamo_component_total_blocks", "KV blocks of the pool."),
        ["dynamo_component_kvstats_gpu_cache_usage_percent"] = ("dynamo_component_gpu_cache_usage_percent", "Share of KV blocks held by running sequences, 0 to 1."),
    };

    /// <summary>The other name and its description, or <see langword="null"/>.</summary>
    public static (string Name, string Help)? Of(string metric) => All.TryGetValue(metric, out (string, string) second) ? second : null;
}
