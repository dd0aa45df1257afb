using Dynamo.Routing.Configuration;
using Dynamo.Simulation;
using Dynamo.Simulation.Configuration;
using Dynamo.Simulation.Serving;
using Dynamo.Simulation.Traces;
using Xunit;
using static Dynamo.UnitTests.Simulation.Simulations;

namespace Dynamo.UnitTests.Simulation;

/// <summary>Slow workers, late news and clients that leave.</summary>
public sealed class TroubleTests
{
    [Theory]
    [InlineData(EngineModel.Own)]
    [InlineData(EngineModel.Dynamo)]
    public void AWorkerOfHalfTheSpeed_TakesTwiceAsLong(EngineModel model)
    {
        SimulationConfig config = Config(model, 2) with { WorkerSpeeds = [1, 0.5] };
        config = config with { Router = config.Router with { Mode = RouterMode.RoundRobin } };

        SimulationResult result = Run(config, new TraceRequest(0, 640, 1, [1, 2]), new TraceRequest(0, 640, 1, [3, 4]));

        double once = Prefill(640) + Decode(10);
        Assert.Equal([once, 2 * once], result.Requests.Select(static request => request.LastToken).Order(), static (a, b) => Math.Abs(a - b) < 0.001);
    }

    [Fact]
    public void ASlowWorker_GetsLessFromARouterThatLearnsIt()
    {
        TraceRequest[] trace = [.. Enumerable.Range(0, 400).Select(static i => new TraceRequest(i * 120, 512 * (1 + (i % 8)), 10, [.. Enumerable.Range(8 * i, 1 + (i % 8))]))];

        SimulationResult result = Run(Config(EngineModel.Own, 2) with { WorkerSpeeds = [1, 0.25] }, trace);

        int[] counts = [result.Requests.Count(static request => request.Worker == 0), result.Requests.Count(static request => request.Worker == 1)];
        Assert.True(counts[0] > 2 * counts[1], $"{counts[0]} and {counts[1]}");
    }

    [Fact]
    public void ASlowWorker_GetsSomeButFew_WhereAllPromptsHaveOneLength()
    {
        TraceRequest[] trace = [.. Enumerable.Range(0, 400).Select(static i => new TraceRequest(i * 62.5, 2048, 10, [.. Enumerable.Range(4 * i, 4)]))];

        SimulationResult result = Run(Config(EngineModel.Own, 4) with { WorkerSpeeds = [1, 1, 1, 0.25] }, trace);

        Assert.InRange(result.Requests.Count(static request => request.Worker == 3), 1, 20);
    }

    [Fact]
    public void SpeedsOfOtherWorkers_AreRefused()
    {
        SimulationException fault = Assert.Throws<SimulationException>(static () => Run(Config(EngineModel.Own, 2) with { WorkerSpeeds = [1] }, new TraceRequest(0, 64, 1, [1])));

        Assert.Equal("There are 1 speeds of 2 workers.", fault.Message);
    }

    [Fact]
    public void News_AreHeardInOrderAndNotBeforeTheirTime()
    {
        List<string> heard = [];
        News news = new(50);
        news.Send(0, moment => heard.Add($"a {moment}"));
        news.Send(10, moment => heard.Add($"b {moment}"));
        Assert.Equal(50, news.NextMoment);

        news.Deliver(49);
        Assert.Empty(heard);
        news.Deliver(60);
        Assert.Equal(["a 50", "b 60"], heard);
        Assert.Equal(double.PositiveInfinity, news.NextMoment);
        Assert.False(new News(0).IsLate);
    }

    [Fact]
    public void BlocksHeardOfLate_AreNotRoutedTo()
    {
        // The second turn comes 400 ms after the first, whose worker has 1,024 of its tokens by then.
        TraceRequest[] trace = [new(0, 1024, 2, [1, 2]), new(400, 1536, 2, [1, 2, 3]), new(2000, 1536, 2, [1, 2, 4])];
        SimulationConfig config = Config(EngineModel.Own, 8);

        Assert.Equal([0, 1024, 1024], Reused(config));
        Assert.Equal([0, 0, 1024], Reused(config with { EventDelayMilliseconds = 1000 }));

        IEnumerable<int> Reused(SimulationConfig config) =>
            Run(config with { Router = config.Router with { PredictOnRoute = false } }, trace).Requests.Select(static request => request.NumReusedTokens);
    }

    [Fact]
    public void AnEndHeardOfLate_HoldsTheNextForAsLong()
    {
        // One worker of 19 blocks: the second prompt fits when the first is over, and is held until the router hears of that.
        SimulationConfig config = Config(EngineModel.Own) with { Machine = new MachineConfig { NumBlocks = 19 } };
        TraceRequest[] trace = [new(0, 640, 2, [1, 2]), new(1, 640, 2, [3, 4])];

        Assert.Equal(0, StartAfter(config), 1e-9);
        Assert.Equal(70, StartAfter(config with { ReportDelayMilliseconds = 70 }), 1e-9);

        double StartAfter(SimulationConfig config)
        {
            SimulationResult result = Run(config, trace);
            Assert.Equal(1, result.NumHeld);
            return result.Requests[1].FirstAdmit!.Value - result.Requests[0].LastToken;
        }
    }

    [Theory]
    [InlineData(EngineModel.Own, false)]
    [InlineData(EngineModel.Own, true)]
    [InlineData(EngineModel.Dynamo, false)]
    [InlineData(EngineModel.Dynamo, true)]
    public void ClientsThatLeave_LeaveNothingBehind(EngineModel model, bool isApart)
    {
        SimulationConfig config = (isApart ? Apart(model, 2, 2) : Config(model, 4)) with
        {
            Machine = new MachineConfig { NumBlocks = 80 },
            CancelRate = 0.5,
            ReportDelayMilliseconds = 40,
            Seed = 3,
        };

        SimulationResult result = Run(config, Conversations(30));

        SimulatedRequest[] left = [.. result.Requests.Where(static request => request.HasLeft)];
        Assert.InRange(left.Length, 40, 80);
        Assert.All(left, static request => Assert.InRange(request.NumOutputTokens, 1, request.Trace.OutputLength - 1));
        Assert.All(result.Requests.Except(left), static request => Assert.True(request.IsFinished));
        Assert.Equal((0, 0), (result.NumBookedAtEnd, result.NumUsedBlocksAtEnd));
    }

    [Fact]
    public void AClientThatLeavesWithTheFirstToken_TakesNoDecodeWorker()
    {
        SimulationConfig config = Apart(EngineModel.Own) with { CancelRate = 1 };

        SimulatedRequest request = Assert.Single(Run(config, new TraceRequest(0, 640, 2, [1, 2])).Requests);

        Assert.Equal((1, true, null), (request.NumOutputTokens, request.HasLeft, request.DecodeWorker));
    }
}
