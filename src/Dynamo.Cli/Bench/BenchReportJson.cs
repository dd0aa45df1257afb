using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dynamo.Simulation.Reports;

namespace Dynamo.Cli.Bench;

/// <summary>A report as one JSON object. The names are those of Dynamo's offline simulator, so that a run and a simulation compare line by line.</summary>
internal static class BenchReportJson
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes a report; figures that the server does not tell, or that no request gave, are left out.</summary>
    public static string Of(BenchReport report)
    {
        BenchOptions options = report.Options;
        JsonObject json = new()
        {
            ["model"] = report.Model,
            ["servers"] = options.Servers.Count,
            ["api"] = options.Api == BenchApi.Chat ? "chat" : "completions",
            ["seed"] = options.Seed,
            ["client_cores"] = Environment.ProcessorCount,
        };
        AddLoad(json, options);
        AddDistribution(json, "ttft", report.TimeToFirst);
        AddDistribution(json, "tpot", report.TimePerToken);
        AddDistribution(json, "itl", report.Gaps);
        AddDistribution(json, "e2e_latency", report.EndToEnd);
        json["output_throughput_tok_s"] = Rounded(report.OutputThroughput);
        json["request_throughput_rps"] = Rounded(report.RequestThroughput);
        json["duration_ms"] = Rounded(report.Duration.TotalMilliseconds);
        AddWhereTold(json, "prefix_cache_reused_ratio", report.ReusedRatio);
        AddWhereTold(json, "mean_overlap_tokens", report.MeanOverlapTokens);
        AddWhereTold(json, "total_input_tokens", report.NumInputTokens);
        json["total_output_tokens"] = report.NumOutputTokens;
        json["completed_requests"] = report.NumCompleted;
        json["uncounted_requests"] = report.NumUncounted;
        json["failed_requests"] = report.NumFailed;
        json["cut_requests"] = report.NumCut;
        json["failures"] = Counts(report.Failures);
        json["worker_requests"] = Counts(report.WorkerRequests);
        AddDistribution(json, "send_delay", report.SendDelay);
        json["wall_time_ms"] = Rounded(report.WallTime.TotalMilliseconds);
        return json.ToJsonString(Indented);
    }

    private static void AddLoad(JsonObject json, BenchOptions options)
    {
        if (options.TracePath is { } trace)
        {
            json["trace"] = Path.GetFileName(trace);
        }

        if (options.Concurrency is { } concurrency)
        {
            json["replay_concurrency"] = concurrency;
        }
        else if (options.Rate is { } rate)
        {
            json["request_rate_rps"] = rate;
            json["arrivals"] = options.IsPoisson ? "poisson" : "even";
        }
        else
        {
            json["arrival_speedup_ratio"] = options.Speed;
        }
    }

    private static void AddDistribution(JsonObject json, string name, Distribution samples)
    {
        if (samples.Count == 0)
        {
            return;
        }

        json[$"mean_{name}_ms"] = Rounded(samples.Mean);
        json[$"median_{name}_ms"] = Rounded(samples.Percentile(0.5));
        json[$"p90_{name}_ms"] = Rounded(samples.Percentile(0.9));
        json[$"p99_{name}_ms"] = Rounded(samples.Percentile(0.99));
    }

    private static void AddWhereTold(JsonObject json, string name, double? value)
    {
        if (value is { } told)
        {
            json[name] = Rounded(told);
        }
    }

    private static JsonObject Counts(SortedDictionary<string, int> counts) =>
        new(counts.Select(static count => KeyValuePair.Create(count.Key, (JsonNode?)count.Value)));

    private static double Rounded(double value) => Math.Round(value, 4);
}
