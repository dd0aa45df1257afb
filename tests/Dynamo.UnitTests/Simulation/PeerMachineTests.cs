using System.Text.Json;
using Dynamo.Routing.Configuration;
using Dynamo.Simulation;
using Dynamo.Simulation.Configuration;
using Dynamo.Simulation.Reports;
using Dynamo.Simulation.Traces;
using Xunit;

namespace Dynamo.UnitTests.Simulation;

/// <summary>Whether the simulated machine is the one that NVIDIA Dynamo's simulator simulates.</summary>
public sealed class PeerMachineTests
{
    [SharedPeersFact]
    public void EveryRequestOfTheCalibrationGetsWhatItGotThere()
    {
        string[] files = Directory.GetFiles(Path.Combine(SharedPeers.Folder!, "peers", "dynamo-simulator", "calibration"), "*.json");
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
            JsonElement theirs = document.RootElement;
            SimulationConfig config = SharedPeers.Config(1, RouterMode.RoundRobin, theirs.GetProperty("num_gpu_blocks").GetInt32());
            SimulationResult result = Simulator.Run(TraceReader.Read(Path.ChangeExtension(file, ".trace.jsonl"), config.TraceBlockSize), config);

            // Their list is in no order: requests alike in everything are compared as they come.
            (double Arrival, int Input, int Output, double First, double Last, int Reused)[] expected =
            [
                .. theirs.GetProperty("requests").EnumerateArray().Select(static request => (
                    request.GetProperty("arrival_time_ms").GetDouble(),
                    request.GetProperty("input_length").GetInt32(),
                    request.GetProperty("output_length").GetInt32(),
                    request.GetProperty("first_token_ms").GetDouble(),
                    request.GetProperty("last_token_ms").GetDouble(),
                    request.GetProperty("reused_input_tokens").GetInt32())).Order(),
            ];
            (double Arrival, int Input, int Output, double First, double Last, int Reused)[] actual =
            [
                .. result.Requests.Select(static request => (
                    request.Arrival, request.Trace.InputLength, request.Trace.OutputLength, request.FirstToken, request.LastToken, request.NumReusedTokens)).Order(),
            ];

            Assert.Equal(expected.Length, actual.Length);
            for (int i = 0; i < expected.Length; i++)
            {
                Assert.Equal(expected[i].Reused, actual[i].Reused);
                Assert.Equal(expected[i].First, actual[i].First, expected[i].First * 1e-4);
                Assert.Equal(expected[i].Last, actual[i].Last, expected[i].Last * 1e-4);
            }
        }
    }

    [SharedPeersFact]
    public void RoundRobinAndOurRouterOnTheConversationTrace()
    {
        JsonElement[] rows = [.. SharedPeers.Rows("conversation-4-workers.json").Where(static row => row.GetProperty("arrival_speedup_ratio").GetDouble() == 2)];
        IReadOnlyList<TraceRequest> trace = TraceReader.Read(SharedPeers.ConversationTrace, 512);

        JsonElement roundRobin = rows.Single(static row => row.GetProperty("router").GetString() == "round-robin");
        SimulationReport report = Run(RouterMode.RoundRobin);
        Within(0.002, roundRobin, "mean_ttft_ms", report.MeanTtft);
        Within(0.002, roundRobin, "mean_tpot_ms", report.MeanTpot);
        Within(0.002, roundRobin, "mean_e2e_latency_ms", report.MeanE2e);
        Within(0.002, roundRobin, "prefix_cache_reused_ratio", report.PrefixCacheReusedRatio);

        JsonElement[] kv = [.. rows.Where(static row => row.GetProperty("router").GetString()!.StartsWith("kv", StringComparison.Ordinal))];
        SimulationReport ours = Run(RouterMode.KV);
        Assert.True(ours.MeanTtft <= kv.Min(static row => row.GetProperty("mean_ttft_ms").GetDouble()), $"mean TTFT {ours.MeanTtft}");
        Assert.True(ours.P99Ttft <= 1.02 * kv.Min(static row => row.GetProperty("p99_ttft_ms").GetDouble()), $"p99 TTFT {ours.P99Ttft}");
        Assert.True(ours.MeanTpot <= 1.1 * rows.Min(static row => row.GetProperty("mean_tpot_ms").GetDouble()), $"TPOT {ours.MeanTpot}");

        SimulationReport Run(string mode)
        {
            SimulationConfig config = SharedPeers.Config(4, mode) with { Speed = 2 };
            return SimulationReport.Of("", config, Simulator.Run(trace, config));
        }
    }

    private static void Within(double share, JsonElement row, string name, double actual)
    {
        double expected = row.GetProperty(name).GetDouble();
        Assert.Equal(expected, actual, expected * share);
    }
}
