using System.Text.Json.Nodes;
using Xunit;
using Xunit.Abstractions;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>Requests find what was computed for others, over real processes; a worker that dies takes what the router knew of it along.</summary>
[Collection(FaultCollection.Name)]
[Trait("Category", "Fault")]
public sealed class PrefixRoutingTests(FaultFixture fixture, ITestOutputHelper output)
{
    private const int NumRepeats = 6;

    [FaultFact]
    public Task SharedPrefix_GoesToItsHolder_UntilThatDies() => fixture.RunAsync(output, static async run =>
    {
        FaultCluster cluster = run.Cluster;
        string prompt = $"Round {run.Round}. {string.Join(' ', Enumerable.Range(0, 120).Select(static i => $"Ada has {i} boats."))}";
        Answer first = await AskAsync(cluster, prompt, frontend: 0);
        Assert.Equal((0, 0), (first.NumPredicted, first.NumCached));
        await KnownAsync(cluster, first.Worker);

        for (int i = 0; i < NumRepeats; i++)
        {
            Answer next = await AskAsync(cluster, prompt, frontend: i % 2);
            Assert.Equal(first.Worker, next.Worker);
            Assert.True(next.NumCached > 400 && next.NumPredicted == next.NumCached, $"predicted {next.NumPredicted}, cached {next.NumCached}");
        }

        await KillAsync(cluster, first.Worker);
        Answer after = await AskAsync(cluster, prompt, frontend: 1);
        Assert.NotEqual(first.Worker, after.Worker);
        Assert.Equal((0, 0), (after.NumPredicted, after.NumCached));
        await KnownAsync(cluster, after.Worker);
        Assert.Equal(after.Worker, (await AskAsync(cluster, prompt, frontend: 0)).Worker);
    });

    private static async Task<Answer> AskAsync(FaultCluster cluster, string prompt, int frontend)
    {
        JsonNode answer = await cluster.PostAsync("v1/chat/completions", new JsonObject
        {
            ["model"] = "demo",
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = prompt }),
            ["max_tokens"] = 1,
            ["nvext"] = new JsonObject { ["extra_fields"] = new JsonArray("worker_id", "overlap") },
        }, frontend);
        JsonNode told = answer["nvext"]!;
        return new Answer(
            (string)told["worker_id"]!["decode_worker_id"]!, (int)told["overlap"]!["predicted_tokens"]!, (int)told["overlap"]!["cached_tokens"]!);
    }

    private static Task KnownAsync(FaultCluster cluster, string worker) => Eventually.TrueAsync(
        async () => (int?)(await WorkerAsync(cluster, worker))?["known_cached_kv_blocks"] > 0,
        async () => $"the router knows nothing of worker {worker}: {await cluster.AskAsync("admin/workers")}");

    private static async Task<JsonNode?> WorkerAsync(FaultCluster cluster, string worker) =>
        JsonNode.Parse(await cluster.AskAsync("admin/workers"))!["workers"]!.AsArray().FirstOrDefault(one => (string?)one!["id"] == worker);

    private static async Task KillAsync(FaultCluster cluster, string worker)
    {
        for (int i = 0; i < cluster.Workers.Count; i++)
        {
            if ((await cluster.StatusAsync(i))?.Id == worker)
            {
                cluster.Workers[i].Send(Signal.Kill);
                return;
            }
        }

        Assert.Fail($"worker {worker} is in no place");
    }

    private sealed record Answer(string Worker, int NumPredicted, int NumCached);
}
