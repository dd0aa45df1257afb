using System.Text.Json;
using Dynamo.Simulation.Traces;

namespace Dynamo.Benchmarks.Routing;

/// <summary>A load for which Dynamo's simulator gave figures, one row for each of its routers.</summary>
/// <param name="Name">Trace and workers.</param>
/// <param name="Trace">The requests.</param>
/// <param name="NumWorkers">Workers.</param>
/// <param name="Speed">Open loop: the speed-up; <see langword="null"/>: closed loop.</param>
/// <param name="Concurrency">Closed loop: requests at a time.</param>
/// <param name="Rows">What the peer's routers gave, by name.</param>
internal sealed record PeerLoad(string Name, IReadOnlyList<TraceRequest> Trace, int NumWorkers, double? Speed, int? Concurrency, IReadOnlyDictionary<string, JsonElement> Rows)
{
    /// <summary>Of a figure, the least that any of the peer's routers gave.</summary>
    public double Least(string figure) => Rows.Values.Min(row => row.GetProperty(figure).GetDouble());

    /// <summary>The same among its kv routers.</summary>
    public double LeastOfKV(string figure) => Rows.Where(static row => row.Key.StartsWith("kv", StringComparison.Ordinal)).Min(row => row.Value.GetProperty(figure).GetDouble());

    /// <summary>Reads all loads.</summary>
    /// <param name="shared">Folder with <c>peers</c> and <c>data/traces</c>.</param>
    public static IEnumerable<PeerLoad> ReadAll(string shared)
    {
        IReadOnlyList<TraceRequest> conversation = Read("mooncake/conversation_trace.jsonl.gz");
        IReadOnlyList<TraceRequest> agentic = Read("agentic/open_loop_150.jsonl.gz");
        return [.. Loads("conversation-4", conversation, 4), .. Loads("conversation-8", conversation, 8), .. Loads("agentic-8", agentic, 8)];

        IReadOnlyList<TraceRequest> Read(string name) => TraceReader.Read(Path.Combine(shared, "data", "traces", name), 512);

        IEnumerable<PeerLoad> Loads(string name, IReadOnlyList<TraceRequest> trace, int numWorkers)
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(shared, "peers", "dynamo-simulator", $"{name}-workers.json")));
            return [.. document.RootElement.Clone().EnumerateArray()
                .GroupBy(static row => (Speed: Number(row, "arrival_speedup_ratio"), Concurrency: (int?)Number(row, "replay_concurrency")))
                .Select(load => new PeerLoad(
                    load.Key.Speed is { } speed ? $"{name} x{speed}" : $"{name}, {load.Key.Concurrency} at a time",
                    trace,
                    numWorkers,
                    load.Key.Speed,
                    load.Key.Concurrency,
                    load.ToDictionary(static row => row.GetProperty("router").GetString()!)))];
        }
    }

    private static double? Number(JsonElement row, string name) =>
        row.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}
