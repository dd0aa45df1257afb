using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Dynamo.EndToEndTests.Faults;
using Xunit;

namespace Dynamo.EndToEndTests.Commands;

/// <summary>Many workers in one <c>dynamo mocker</c>, seen through a frontend process.</summary>
public sealed class MockerCommandTests
{
    private const int NumWorkers = 4;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    [FaultFact]
    public async Task FourWorkersInOneProcess_AreListedServeAndDrainOneByOne()
    {
        await using RedisServer redis = new();
        await redis.StartAsync();
        Dictionary<string, string> environment = new() { ["REDIS_ENDPOINTS"] = redis.EndPoint, ["DYN_NAMESPACE"] = "fleet" };
        int port = DynamoProcess.FreePort();
        int systemPort = DynamoProcess.FreePort();
        await using ChildProcess frontend = DynamoProcess.Start(
            "frontend", ["frontend", "--http-port", port.ToString(CultureInfo.InvariantCulture), "--router-mode", "round-robin"], environment);
        await frontend.PrintedAsync("dynamo: serving", Limit);
        await using ChildProcess mocker = DynamoProcess.Start(
            "mocker",
            ["mocker", "--model-path", Repository.DemoModel, "--model-name", "fleet", "--num-workers", $"{NumWorkers}", "--num-gpu-blocks-override", "512", "--speedup-ratio", "100", "--system-port", $"{systemPort}"],
            environment);
        await mocker.PrintedAsync($"dynamo: {NumWorkers} workers are ready for model fleet", Limit);
        Uri address = new($"http://127.0.0.1:{port}");
        using HttpClient http = new() { BaseAddress = address };

        await StatesAsync(["ready", "ready", "ready", "ready"]);
        JsonObject[] workers = await WorkersAsync();
        Assert.Equal(NumWorkers, workers.Select(static worker => (string)worker["id"]!).Distinct().Count());
        Assert.Equal(NumWorkers, workers.Select(static worker => (long)worker["generation"]!).Distinct().Count());
        Assert.Single(workers.Select(static worker => (string)worker["address"]!).Distinct());
        string numerics = string.Join(',', Enumerable.Repeat("""{"numerics_class":"mock","exact":true}""", NumWorkers));
        Assert.Equal(
            $$"""{"status":"ready","model":"fleet","workers":["ready","ready","ready","ready"],"numerics":[{{numerics}}]}""", await http.GetStringAsync($"http://127.0.0.1:{systemPort}/health"));
        Assert.Contains($"dynamo_component_kvstats_total_blocks{{model=\"fleet\"}} {512 * NumWorkers}\n", await http.GetStringAsync($"http://127.0.0.1:{systemPort}/metrics"));
        string[] texts = await AnswersAsync(2 * NumWorkers);
        Assert.Single(texts.Distinct());

        await Admin.DrainAsync(http, address, (string)workers[1]["id"]!);
        await StatesAsync(["ready", "draining", "ready", "ready"]);
        Assert.Equal(texts, await AnswersAsync(2 * NumWorkers));
        Assert.True((bool)(await WorkersAsync())[1]["safe_to_delete"]!);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await http.GetAsync($"http://127.0.0.1:{systemPort}/health")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync($"http://127.0.0.1:{systemPort}/live")).StatusCode);

        mocker.Send(Signal.Terminate);
        Assert.Equal(0, await mocker.ExitedAsync(Limit));

        async Task<JsonObject[]> WorkersAsync() => [.. JsonNode.Parse(await http.GetStringAsync("admin/workers"))!["workers"]!.AsArray()
            .Select(static worker => worker!.AsObject())
            .OrderBy(static worker => (int)worker["gpu"]!)];

        Task StatesAsync(string[] states) => Eventually.TrueAsync(
            async () => states.SequenceEqual((await WorkersAsync()).Select(static worker => (string)worker["state"]!)),
            async () => $"the workers are not {string.Join(", ", states)}: {await http.GetStringAsync("admin/workers")}");

        Task<string[]> AnswersAsync(int count) => Task.WhenAll(Enumerable.Range(0, count).Select(async _ =>
        {
            using HttpResponseMessage response = await http.PostAsJsonAsync("v1/completions", new { model = "fleet", prompt = "Hello", max_tokens = 12, temperature = 0 });
            response.EnsureSuccessStatusCode();
            return (string)JsonNode.Parse(await response.Content.ReadAsStringAsync())!["choices"]![0]!["text"]!;
        }));
    }
}
