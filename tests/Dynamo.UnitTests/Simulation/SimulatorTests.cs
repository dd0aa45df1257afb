using Dynamo.Routing.Configuration;
using Dynamo.Simulation;
using Dynamo.Simulation.Configuration;
using Dynamo.Simulation.Reports;
using Dynamo.Simulation.Traces;
using Xunit;

namespace Dynamo.UnitTests.Simulation;

public sealed class SimulatorTests
{
    // prefill(n) = 4.209989e-7 n² + 0.01518344 n + 16.50142, decode(p) = -25.74 p² + 54.01 p + 5.74.
    private const double Prefill640 = 26.391263;

    [Theory]
    [InlineData(EngineModel.Own)]
    [InlineData(EngineModel.Dynamo)]
    public void OneRequest_PaysOnePrefillAndItsDecodes(EngineModel model)
    {
        SimulationResult result = Run(model, new TraceRequest(100, 640, 3, [1, 2]));

        // 10 blocks of 1,000; the second token needs an eleventh.
        SimulatedRequest request = Assert.Single(result.Requests);
        Assert.Equal(100 + Prefill640 + Decode(10), request.FirstToken, 0.001);
        Assert.Equal(request.FirstToken + (2 * Decode(11)), request.LastToken, 0.001);
        Assert.Equal(2, result.Gaps.Count);
    }

    [Theory]
    [InlineData(EngineModel.Own)]
    [InlineData(EngineModel.Dynamo)]
    public void AnEqualPrefix_IsNotComputedAgain(EngineModel model)
    {
        SimulationResult result = Run(model, new TraceRequest(0, 1024, 2, [1, 2]), new TraceRequest(5000, 1024, 2, [1, 3]), new TraceRequest(9000, 1024, 2, [1, 2]));

        // A full hit computes its last block.
        Assert.Equal([0, 512, 960], result.Requests.Select(static request => request.NumReusedTokens));
    }

    [Theory]
    [InlineData(EngineModel.Own)]
    [InlineData(EngineModel.Dynamo)]
    public void ABlockIsReusableInTheStepThatFillsIt(EngineModel model)
    {
        TraceRequest[] trace = [new(0, 512, 2, [1]), new(0, 1024, 2, [1, 2])];

        Assert.Equal(512, Run(model, trace).Requests[1].NumReusedTokens);
    }

    [Theory]
    [InlineData(EngineModel.Own)]
    [InlineData(EngineModel.Dynamo)]
    public void BlocksRunOut_EveryRequestStillGetsItsTokens(EngineModel model)
    {
        TraceRequest[] trace = [.. Enumerable.Range(0, 8).Select(static i => new TraceRequest(0, 512, 400, [i]))];

        SimulationResult result = Run(Config(model) with { Machine = new MachineConfig { NumBlocks = 40 } }, trace);

        Assert.All(result.Requests, static request => Assert.Equal(400, request.NumOutputTokens));
        Assert.Equal(8 * 399, result.Gaps.Count);
    }

    [Fact]
    public void ClosedLoop_KeepsAsManyUnderWay()
    {
        TraceRequest[] trace = [.. Enumerable.Range(0, 6).Select(static i => new TraceRequest(i * 1000, 64, 2, [i]))];

        SimulationResult result = Run(Config(EngineModel.Own) with { Concurrency = 2 }, trace);

        Assert.Equal([0.0, 0.0], result.Requests.Take(2).Select(static request => request.Arrival));
        Assert.Equal(result.Requests[0].LastToken, result.Requests[2].Arrival);
        Assert.Equal(result.Requests[5].LastToken, result.DurationMilliseconds);
    }

    [Fact]
    public void Speed_BringsRequestsCloser() =>
        Assert.Equal(250, Run(Config(EngineModel.Own) with { Speed = 4 }, new TraceRequest(1000, 64, 1, [1])).Requests[0].Arrival);

    [Theory]
    [InlineData(EngineModel.Own)]
    [InlineData(EngineModel.Dynamo)]
    public void EqualSeeds_EqualFigures(EngineModel model)
    {
        TraceRequest[] trace = [.. Enumerable.Range(0, 60).Select(static i => new TraceRequest(i * 3, 200 + (i * 37 % 900), 5 + (i % 7), [.. Enumerable.Range(i % 5, 3).Select(static id => (long)id)]))];
        trace = [.. trace.Select(static request => request with { Blocks = request.Blocks[..((request.InputLength + 511) / 512)] })];
        SimulationConfig config = Config(model) with { NumWorkers = 3, Seed = 5 };

        Assert.Equal(Figures(), Figures());

        string Figures()
        {
            SimulationReport report = SimulationReport.Of("", config, Run(config, trace));
            return (report with { WallTime = 0 }).ToJson();
        }
    }

    [Fact]
    public void AnOutputBeyondAllMeasure_SaysSo()
    {
        SimulationException fault = Assert.Throws<SimulationException>(static () => Run(Config(EngineModel.Own), new TraceRequest(0, 10, int.MaxValue, [1])));

        Assert.Equal("The longest request, 10 tokens in and 2147483647 out at 0 ms, is longer than the 16777216 tokens that can be simulated.", fault.Message);
    }

    [Fact]
    public void ATooLongRequest_SaysSo()
    {
        SimulationException fault = Assert.Throws<SimulationException>(
            static () => Run(Config(EngineModel.Own) with { Machine = new MachineConfig { NumBlocks = 3 } }, new TraceRequest(0, 200, 10, [1])));

        Assert.Equal(
            "The longest request, 200 tokens in and 10 out at 0 ms, needs 4 blocks of 64 tokens; a worker has 3. Give workers more or larger ones.", fault.Message);
    }

    [Fact]
    public void Report_HasDynamosNames()
    {
        SimulationConfig config = Config(EngineModel.Dynamo);
        SimulationReport report = SimulationReport.Of("kv", config, Run(config, new TraceRequest(0, 640, 3, [1, 2])));

        string json = report.ToJson();

        foreach (string name in new[] { "router", "workers", "blocks", "arrival_speedup_ratio", "mean_ttft_ms", "median_ttft_ms", "p90_ttft_ms", "p99_ttft_ms", "mean_tpot_ms", "mean_itl_ms", "p99_itl_ms", "mean_e2e_latency_ms", "output_throughput_tok_s", "request_throughput_rps", "duration_ms", "prefix_cache_reused_ratio", "completed_requests", "wall_time_ms" })
        {
            Assert.Contains($"\"{name}\":", json, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("replay_concurrency", json, StringComparison.Ordinal);
        Assert.Equal(Decode(11), report.MeanTpot, 0.001);
    }

    private static double Decode(int blocks)
    {
        double share = blocks / 1000.0;
        return (-25.74 * share * share) + (54.01 * share) + 5.74;
    }

    private static SimulationConfig Config(EngineModel model) => new()
    {
        NumWorkers = 1,
        EngineModel = model,
        Machine = new MachineConfig { NumBlocks = 1000 },
        Router = new RouterOptions { BlockSize = 64 },
    };

    private static SimulationResult Run(EngineModel model, params TraceRequest[] trace) => Run(Config(model), trace);

    private static SimulationResult Run(SimulationConfig config, params TraceRequest[] trace) => Simulator.Run(trace, config);
}
