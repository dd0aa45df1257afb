using System.Text.Json.Nodes;
using Dynamo.EndToEndTests.Serving;
using Xunit;

namespace Dynamo.EndToEndTests.Commands;

/// <summary><c>dynamo bench</c> against the bundled model.</summary>
[Collection(ServerCollection.Name)]
public sealed class BenchCommandTests(ServerFixture fixture)
{
    private readonly string _server = fixture.Server.Address.ToString();

    [Fact]
    public async Task ClosedLoop_CountsEveryTokenAndEveryReusedBlock()
    {
        // Seven of eight prompts find the head of 64 tokens, two blocks, that the first one left: one at a time, so it is there.
        JsonNode report = await BenchAsync("--concurrency 1 --requests 8 --input-tokens 80 --output-tokens 6 --prefix-groups 1 --prefix-tokens 64 --seed 3 --warmup 1");

        Assert.Equal((8, 0, 0), ((int)report["completed_requests"]!, (int)report["failed_requests"]!, (int)report["uncounted_requests"]!));
        Assert.Equal((640, 48), ((int)report["total_input_tokens"]!, (int)report["total_output_tokens"]!));
        Assert.Equal(0.7, (double)report["prefix_cache_reused_ratio"]!);
        Assert.True((double)report["mean_ttft_ms"]! > 0);
        Assert.True((double)report["p99_e2e_latency_ms"]! >= (double)report["p99_ttft_ms"]!);
    }

    [Fact]
    public async Task TraceReplay_SharesWhatItsHashIdsShare()
    {
        // Blocks of 32 tokens as the engine's; each request 300 ms of the trace after the one before.
        string trace = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():n}.jsonl");
        try
        {
            await File.WriteAllLinesAsync(
                trace,
                Enumerable.Range(0, 8).Select(static i => $$"""{"timestamp": {{i * 300}}, "input_length": 70, "output_length": 2, "hash_ids": [1, {{2 + (i / 4)}}, {{100 + i}}]}"""));

            JsonNode closed = await BenchAsync($"--trace {trace} --trace-block-size 32 --concurrency 1 --seed 4");
            JsonNode open = await BenchAsync($"--trace {trace} --trace-block-size 32 --speed 2 --seed 5");

            // One at a time, 7 requests find block 1, and 6 of them find their second one.
            Assert.Equal((8, 1), ((int)closed["completed_requests"]!, (int)closed["replay_concurrency"]!));
            Assert.Equal(Math.Round((7 + 6) * 32 / (8 * 70.0), 4), (double)closed["prefix_cache_reused_ratio"]!);
            Assert.Equal((8, 2), ((int)open["completed_requests"]!, (int)open["arrival_speedup_ratio"]!));
            Assert.True((double)open["duration_ms"]! > 1050, "the last request is due after 7 x 150 ms");
        }
        finally
        {
            File.Delete(trace);
        }
    }

    [Fact]
    public async Task Chat_AtARate_IsMeasured()
    {
        JsonNode report = await BenchAsync("--rate 50 --poisson --requests 8 --input-tokens 20 --output-tokens 4 --api chat");

        Assert.Equal((8, 32), ((int)report["completed_requests"]!, (int)report["total_output_tokens"]!));
    }

    [Fact]
    public async Task FailedRequests_AreCountedByStatusAndEndWith1()
    {
        (int exitCode, string output, string error) = await DynamoProcess.RunAsync(
            "bench", _server, "--model", "none", "--concurrency", "2", "--requests", "3", "--json", "-");

        Assert.Equal(1, exitCode);
        Assert.Equal(3, (int)JsonNode.Parse(output)!["failures"]!["404"]!);
        Assert.Contains("dynamo: 3 of 3 requests failed; the first of them: 404 The model 'none' does not exist", error);
    }

    [Fact]
    public async Task NobodyThere_IsOneLine()
    {
        (int exitCode, _, string error) = await DynamoProcess.RunAsync("bench", $"http://127.0.0.1:{DynamoProcess.FreePort()}", "--concurrency", "1", "--requests", "1");

        Assert.Equal(1, exitCode);
        Assert.StartsWith("dynamo: no answer from http://127.0.0.1", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public async Task Interrupted_ReportsWhatItHas()
    {
        string json = Path.GetTempFileName();
        try
        {
            await using ChildProcess bench = DynamoProcess.Start(
                "bench", ["bench", _server, "--concurrency", "2", "--duration", "600", "--input-tokens", "10", "--output-tokens", "2", "--warmup", "1", "--json", json]);
            await bench.PrintedAsync("warmed up with 1 requests", TimeSpan.FromSeconds(60));

            // Taken as Ctrl-C is, which is ignored by everything below a script that was started in the background.
            bench.Send(Signal.Terminate);

            Assert.Equal(130, await bench.ExitedAsync(TimeSpan.FromSeconds(60)));
            JsonNode report = JsonNode.Parse(await File.ReadAllTextAsync(json))!;
            Assert.Equal(0, (int)report["failed_requests"]!);
            Assert.Contains("requests/s", bench.Output);
        }
        finally
        {
            File.Delete(json);
        }
    }

    private async Task<JsonNode> BenchAsync(string arguments)
    {
        (int exitCode, string output, string error) = await DynamoProcess.RunAsync(["bench", _server, .. arguments.Split(' '), "--json", "-"]);
        Assert.True(exitCode == 0, error + output);
        return JsonNode.Parse(output)!;
    }
}
