using Dynamo.Simulation;
using Dynamo.Simulation.Configuration;
using Dynamo.Simulation.Reports;
using Dynamo.Simulation.Traces;
using Xunit;
using static Dynamo.UnitTests.Simulation.Simulations;

namespace Dynamo.UnitTests.Simulation;

/// <summary>Prefill and decode on different workers, on both engines.</summary>
public sealed class DisaggregatedTests
{
    [Theory]
    [InlineData(EngineModel.Own)]
    [InlineData(EngineModel.Dynamo)]
    public void OneRequest_PaysPrefillTransferAndDecodes(EngineModel model)
    {
        SimulationResult result = Run(Apart(model), new TraceRequest(100, 640, 3, [1, 2]));

        // 640 tokens of 131,072 bytes at 64e9 bytes a second; the first token comes from the prefill worker.
        const double Transfer = 640 * 131_072 / 64e6;
        SimulatedRequest request = Assert.Single(result.Requests);
        Assert.Equal((0, 1, 640), (request.Worker, request.DecodeWorker!.Value, request.NumTransferredTokens));
        Assert.Equal(100 + Prefill(640) + Decode(10), request.FirstToken, 0.001);
        Assert.Equal(Transfer, request.TransferMilliseconds, 1e-9);
        Assert.Equal(0, request.TransferWaitMilliseconds!.Value);
        Assert.Equal(2, result.Gaps.Count);
        Assert.Equal(Transfer + Decode(11), result.Gaps[0], 0.001);
        Assert.Equal(Decode(11), result.Gaps[1], 0.001);
        Assert.Equal([Prefill(640) + Decode(10), 2 * Decode(11)], result.BusyMilliseconds, static (a, b) => Math.Abs(a - b) < 0.001);
    }

    [Theory]
    [InlineData(EngineModel.Own)]
    [InlineData(EngineModel.Dynamo)]
    public void NoBandwidthGiven_ATransferTakesNoTime(EngineModel model)
    {
        SimulationConfig config = Apart(model);
        config = config with { Disaggregation = config.Disaggregation! with { TransferGigabytesPerSecond = 0 } };

        SimulationResult result = Run(config, new TraceRequest(0, 640, 2, [1, 2]));

        Assert.Equal(Decode(11), Assert.Single(result.Gaps), 0.001);
    }

    [Theory]
    [InlineData(EngineModel.Own)]
    [InlineData(EngineModel.Dynamo)]
    public void WhatTheDecodeWorkerHas_DoesNotCome(EngineModel model)
    {
        SimulationResult result = Run(Apart(model), new TraceRequest(0, 1024, 2, [1, 2]), new TraceRequest(5000, 1024, 2, [1, 3]), new TraceRequest(9000, 1024, 2, [1, 2]));

        Assert.Equal([1024, 512, 0], result.Requests.Select(static request => request.NumTransferredTokens));

        // The prefill worker computes the last block of a full hit, which its token needs; reuse is the prefill worker's.
        Assert.Equal([0, 512, 960], result.Requests.Select(static request => request.NumReusedTokens));
    }

    [Theory]
    [InlineData(EngineModel.Own)]
    [InlineData(EngineModel.Dynamo)]
    public void OneToken_EndsAtThePrefillWorker(EngineModel model)
    {
        SimulationResult result = Run(Apart(model), new TraceRequest(0, 640, 1, [1, 2]));

        SimulatedRequest request = Assert.Single(result.Requests);
        Assert.Null(request.DecodeWorker);
        Assert.Equal(Prefill(640) + Decode(10), request.LastToken, 0.001);
    }

    [Theory]
    [InlineData(EngineModel.Own)]
    [InlineData(EngineModel.Dynamo)]
    public void ADecodeWorkerWithoutRoom_LetsTheNextWait_AndThePrefillWorkerKeepsIt(EngineModel model)
    {
        // 20 blocks: two of 10 and a bit do not fit beside each other. With a hold, the router would keep the second to itself.
        SimulationConfig config = Apart(model) with { Machine = new MachineConfig { NumBlocks = 20 } };
        config = config with { Router = config.Router with { Hold = null } };

        SimulationResult result = Run(config, new TraceRequest(0, 640, 30, [1, 2]), new TraceRequest(0, 640, 30, [3, 4]));

        SimulatedRequest first = result.Requests[0];
        SimulatedRequest second = result.Requests[1];
        Assert.Equal(first.LastToken, second.FirstToken + second.TransferWaitMilliseconds!.Value, 1e-9);
        Assert.Equal((0, 0), (result.NumBookedAtEnd, result.NumUsedBlocksAtEnd));
    }

    [Theory]
    [InlineData(EngineModel.Own, true)]
    [InlineData(EngineModel.Own, false)]
    [InlineData(EngineModel.Dynamo, true)]
    [InlineData(EngineModel.Dynamo, false)]
    public void BlocksRunOut_EveryRequestGetsItsTokens_AndNothingIsLeft(EngineModel model, bool holds)
    {
        TraceRequest[] trace = [.. Enumerable.Range(0, 24).Select(static i => new TraceRequest(i % 3, 512, 400 - i, [i % 10]))];
        SimulationConfig config = Apart(model, 2, 2) with { Machine = new MachineConfig { NumBlocks = 40 } };
        config = config with { Router = config.Router with { Hold = holds ? config.Router.Hold : null } };

        SimulationResult result = Run(config, trace);

        Assert.All(result.Requests, static request => Assert.Equal(request.Trace.OutputLength, request.NumOutputTokens));
        Assert.Equal(trace.Sum(static request => request.OutputLength - 1), result.Gaps.Count);
        Assert.Equal((0, 0), (result.NumBookedAtEnd, result.NumUsedBlocksAtEnd));
    }

    [Theory]
    [InlineData(EngineModel.Own)]
    [InlineData(EngineModel.Dynamo)]
    public void Conditional_APromptThatIsMostlyThere_IsComputedByItsDecodeWorker(EngineModel model)
    {
        SimulationConfig config = Apart(model);
        config = config with { Disaggregation = config.Disaggregation! with { IsConditional = true } };

        SimulationResult result = Run(config, new TraceRequest(0, 1024, 2, [1, 2]), new TraceRequest(5000, 1536, 2, [1, 2, 3]), new TraceRequest(9000, 3584, 2, [1, 2, 4, 5, 6, 7, 8]));

        // 1,024 of 1,024 are missing, then 512 of 1,536, then 2,560 of 3,584.
        Assert.Equal([(0, 1), (1, 1), (0, 1)], result.Requests.Select(static request => (request.Worker, request.DecodeWorker!.Value)));
        Assert.Null(result.Requests[1].TransferWaitMilliseconds);
        Assert.Equal(1024, result.Requests[1].NumReusedTokens);
        Assert.Equal((0, 0), (result.NumBookedAtEnd, result.NumUsedBlocksAtEnd));
    }

    [Theory]
    [InlineData(EngineModel.Own)]
    [InlineData(EngineModel.Dynamo)]
    public void APrompt_InterruptsNobodyWhoDecodes(EngineModel model)
    {
        TraceRequest[] trace = [new(0, 640, 200, [1, 2]), new(300, 6400, 2, [.. Enumerable.Range(10, 13)])];

        float together = Run(Config(model, 1), trace).Gaps.Max();
        float apart = Run(Apart(model), trace).Gaps.Max();

        Assert.True(together > Prefill(6400), $"{together} ms");

        // What is left is the transfer of the long prompt, before its own second token.
        Assert.InRange(apart, 6400 * 131_072 / 64e6, (6400 * 131_072 / 64e6) + 25);
    }

    [Theory]
    [InlineData(EngineModel.Own)]
    [InlineData(EngineModel.Dynamo)]
    public void EqualSeeds_EqualFigures(EngineModel model)
    {
        SimulationConfig config = Apart(model, 2, 3) with { Seed = 7, CancelRate = 0.2, ReportDelayMilliseconds = 30, EventDelayMilliseconds = 70 };
        config = config with { Disaggregation = config.Disaggregation! with { IsConditional = true } };

        Assert.Equal(Figures(config, Conversations(20)), Figures(config, Conversations(20)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void NobodyPrefillsOrNobodyDecodes_IsRefused(int numPrefill)
    {
        SimulationConfig config = Config(EngineModel.Own, 2) with { Disaggregation = new DisaggregationConfig { NumPrefillWorkers = numPrefill } };

        SimulationException fault = Assert.Throws<SimulationException>(() => Run(config, new TraceRequest(0, 64, 1, [1])));

        Assert.Equal($"Of 2 workers {numPrefill} prefill; at least one must prefill and one decode.", fault.Message);
    }

    [Fact]
    public void Report_CountsBothPools()
    {
        SimulationConfig config = Apart(EngineModel.Own, 1, 2);
        TraceRequest[] trace = [new(0, 640, 3, [1, 2]), new(3000, 640, 1, [3, 4])];

        SimulationReport report = SimulationReport.Of("kv", config, Run(config, trace));

        Assert.Equal(2, report.WorkerRequests[0]);
        Assert.Equal([0, 1], report.WorkerRequests.Skip(1).Order());
        Assert.Equal((1, 2, 1, 0, 1.0), (report.Transfers!.PrefillWorkers, report.Transfers.DecodeWorkers, report.Transfers.TransferredRequests, report.Transfers.LocalRequests, report.Transfers.TransferredTokensRatio));
        Assert.Contains("\"mean_transfer_ms\":", report.ToJson(), StringComparison.Ordinal);
        Assert.Contains("\"prefill_workers\": 1", report.ToJson(), StringComparison.Ordinal);
    }
}
