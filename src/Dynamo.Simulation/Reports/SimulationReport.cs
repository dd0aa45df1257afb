using System.Text.Json;
using System.Text.Json.Serialization;
using Dynamo.Simulation.Configuration;

namespace Dynamo.Simulation.Reports;

/// <summary>The figures of a simulation, under the names that Dynamo's offline simulator gives them; milliseconds are simulated.</summary>
public sealed partial record SimulationReport
{
#pragma warning disable CS1591 // Names say it: Dynamo's.
    public required string Router { get; init; }

    public required string EngineModel { get; init; }

    public required int Workers { get; init; }

    public required int Blocks { get; init; }

    public double? ArrivalSpeedupRatio { get; init; }

    public int? ReplayConcurrency { get; init; }

    [JsonPropertyName("mean_ttft_ms")]
    public required double MeanTtft { get; init; }

    [JsonPropertyName("median_ttft_ms")]
    public required double MedianTtft { get; init; }

    [JsonPropertyName("p90_ttft_ms")]
    public required double P90Ttft { get; init; }

    [JsonPropertyName("p99_ttft_ms")]
    public required double P99Ttft { get; init; }

    [JsonPropertyName("mean_tpot_ms")]
    public required double MeanTpot { get; init; }

    [JsonPropertyName("median_tpot_ms")]
    public required double MedianTpot { get; init; }

    [JsonPropertyName("p90_tpot_ms")]
    public required double P90Tpot { get; init; }

    [JsonPropertyName("p99_tpot_ms")]
    public required double P99Tpot { get; init; }

    [JsonPropertyName("mean_itl_ms")]
    public required double MeanItl { get; init; }

    [JsonPropertyName("median_itl_ms")]
    public required double MedianItl { get; init; }

    [JsonPropertyName("p90_itl_ms")]
    public required double P90Itl { get; init; }

    [JsonPropertyName("p99_itl_ms")]
    public required double P99Itl { get; init; }

    [JsonPropertyName("mean_e2e_latency_ms")]
    public required double MeanE2e { get; init; }

    [JsonPropertyName("median_e2e_latency_ms")]
    public required double MedianE2e { get; init; }

    [JsonPropertyName("p90_e2e_latency_ms")]
    public required double P90E2e { get; init; }

    [JsonPropertyName("p99_e2e_latency_ms")]
    public required double P99E2e { get; init; }

    [JsonPropertyName("output_throughput_tok_s")]
    public required double OutputThroughput { get; init; }

    [JsonPropertyName("request_throughput_rps")]
    public required double RequestThroughput { get; init; }

    [JsonPropertyName("duration_ms")]
    public required double Duration { get; init; }

    public required double PrefixCacheReusedRatio { get; init; }

    /// <summary>What one endless cache for all workers would have given.</summary>
    public required double IdealPrefixReuseRatio { get; init; }

    /// <summary>Requests that the router held.</summary>
    public required int HeldRequests { get; init; }

    /// <summary>How long it held those, on average.</summary>
    [JsonPropertyName("mean_held_ms")]
    public required double MeanHeld { get; init; }

    /// <summary>From arrival at the router to a worker's first step.</summary>
    [JsonPropertyName("mean_queue_ms")]
    public required double MeanQueue { get; init; }

    /// <summary>See <see cref="MeanQueue"/>.</summary>
    [JsonPropertyName("p99_queue_ms")]
    public required double P99Queue { get; init; }

    /// <summary>By worker, those that prefill before those that decode: requests, one at two workers at each of them, and the share of the time in which it computed.</summary>
    public required IReadOnlyList<int> WorkerRequests { get; init; }

    /// <summary>See <see cref="WorkerRequests"/>.</summary>
    public required IReadOnlyList<double> WorkerBusyRatio { get; init; }

    public required int CompletedRequests { get; init; }

    /// <summary>Requests whose clients left; only where some do.</summary>
    public int? CancelledRequests { get; init; }

    /// <summary>What went from prefill to decode workers; only where they are apart.</summary>
    public TransferReport? Transfers { get; init; }

    [JsonPropertyName("wall_time_ms")]
    public required double WallTime { get; init; }
#pragma warning restore CS1591

    /// <summary>Counts a result.</summary>
    /// <param name="router">What to call the router.</param>
    /// <param name="config">What was simulated.</param>
    /// <param name="result">What it gave.</param>
    public static SimulationReport Of(string router, SimulationConfig config, SimulationResult result)
    {
        IReadOnlyList<SimulatedRequest> requests = result.Requests;
        Distribution ttft = new(requests.Select(static request => request.FirstToken - request.Arrival));
        Distribution tpot = new(requests.Where(static request => request.NumOutputTokens > 1)
            .Select(static request => (request.LastToken - request.FirstToken) / (request.NumOutputTokens - 1)));
        Distribution itl = new(result.Gaps.Select(static gap => (double)gap));
        Distribution e2e = new(requests.Select(static request => request.LastToken - request.Arrival));
        double seconds = result.DurationMilliseconds / 1000;
        Distribution queue = new(requests.Select(static request => request.FirstAdmit!.Value - request.Arrival));
        int numFinished = requests.Count(static request => request.IsFinished);
        return new SimulationReport
        {
            Router = router,
            EngineModel = config.EngineModel.ToString().ToLowerInvariant(),
            Workers = config.NumWorkers,
            Blocks = config.Machine.NumBlocks,
            ArrivalSpeedupRatio = config.Concurrency is null ? config.Speed : null,
            ReplayConcurrency = config.Concurrency,
            MeanTtft = ttft.Mean,
            MedianTtft = ttft.Percentile(0.5),
            P90Ttft = ttft.Percentile(0.9),
            P99Ttft = ttft.Percentile(0.99),
            MeanTpot = tpot.Mean,
            MedianTpot = tpot.Percentile(0.5),
            P90Tpot = tpot.Percentile(0.9),
            P99Tpot = tpot.Percentile(0.99),
            MeanItl = itl.Mean,
            MedianItl = itl.Percentile(0.5),
            P90Itl = itl.Percentile(0.9),
            P99Itl = itl.Percentile(0.99),
            MeanE2e = e2e.Mean,
            MedianE2e = e2e.Percentile(0.5),
            P90E2e = e2e.Percentile(0.9),
            P99E2e = e2e.Percentile(0.99),
            OutputThroughput = requests.Sum(static request => (long)request.NumOutputTokens) / seconds,
            RequestThroughput = numFinished / seconds,
            Duration = result.DurationMilliseconds,
            PrefixCacheReusedRatio = requests.Sum(static request => (long)request.NumReusedTokens) / (double)requests.Sum(static request => (long)request.Trace.InputLength),
            IdealPrefixReuseRatio = IdealReuse.Of(requests, config),
            HeldRequests = result.NumHeld,
            MeanHeld = result.NumHeld == 0 ? 0 : result.HeldMilliseconds / result.NumHeld,
            MeanQueue = queue.Mean,
            P99Queue = queue.Percentile(0.99),
            WorkerRequests = RequestsByWorker(requests, config.NumWorkers),
            WorkerBusyRatio = [.. result.BusyMilliseconds.Select(busy => Math.Round(busy / result.DurationMilliseconds, 4))],
            CompletedRequests = numFinished,
            CancelledRequests = config.CancelRate > 0 ? requests.Count - numFinished : null,
            Transfers = config.Disaggregation is { } disaggregation ? TransferReport.Of(disaggregation, config.NumWorkers, requests) : null,
            WallTime = result.WallTime.TotalMilliseconds,
        };
    }

    /// <summary>One JSON object.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ReportContext.Default.SimulationReport);

    private static int[] RequestsByWorker(IReadOnlyList<SimulatedRequest> requests, int numWorkers)
    {
        int[] counts = new int[numWorkers];
        foreach (SimulatedRequest request in requests)
        {
            counts[request.Worker]++;
            if (request.DecodeWorker is { } decode && decode != request.Worker)
            {
                counts[decode]++;
            }
        }

        return counts;
    }

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true)]
    [JsonSerializable(typeof(SimulationReport))]
    internal sealed partial class ReportContext : JsonSerializerContext;
}
