using Dynamo.Routing.Configuration;
using Dynamo.Simulation;
using Dynamo.Simulation.Configuration;
using Dynamo.Simulation.Reports;
using Dynamo.Simulation.Traces;
using Xunit;

namespace Dynamo.UnitTests.Simulation;

/// <summary>Prefill and decode apart on the first requests of a real trace.</summary>
public sealed class DisaggregatedTraceTests
{
    private const int NumRequests = 4000;

    [SharedPeersFact]
    public void Apart_NoPromptInterruptsDecode_AndClientsThatLeaveLeaveNothing()
    {
        TraceRequest[] trace = [.. TraceReader.Read(SharedPeers.ConversationTrace, 512).Take(NumRequests)];
        SimulationConfig together = SharedPeers.Config(8, RouterMode.KV) with { Speed = 4 };
        SimulationConfig apart = together with { Disaggregation = new DisaggregationConfig { NumPrefillWorkers = 4 } };

        SimulationReport before = SimulationReport.Of("", together, Simulator.Run(trace, together));
        SimulationResult result = Simulator.Run(trace, apart);
        SimulationReport report = SimulationReport.Of("", apart, result);

        Assert.True(report.P99Itl < 0.25 * before.P99Itl, $"{report.P99Itl} and {before.P99Itl} ms");
        Assert.All(result.Requests, static request => Assert.True(request.IsFinished));
        Assert.Equal((0, 0), (result.NumBookedAtEnd, result.NumUsedBlocksAtEnd));

        result = Simulator.Run(trace, apart with { CancelRate = 0.3, ReportDelayMilliseconds = 100, EngineModel = EngineModel.Own });

        Assert.InRange(result.Requests.Count(static request => request.HasLeft), 0.28 * NumRequests, 0.32 * NumRequests);
        Assert.All(result.Requests, static request => Assert.True(request.IsFinished || request.HasLeft));
        Assert.Equal((0, 0), (result.NumBookedAtEnd, result.NumUsedBlocksAtEnd));
    }
}
