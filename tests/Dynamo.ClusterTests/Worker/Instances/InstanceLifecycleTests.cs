using Dynamo.Abstractions.Instances;
using Dynamo.Protocol.Load;
using Dynamo.Worker.Instances;
using Xunit;

namespace Dynamo.ClusterTests.Worker.Instances;

public sealed class InstanceLifecycleTests
{
    private static readonly EngineLimits Limits = new()
    {
        MaxModelLength = 64,
        VocabularySize = 256,
        NumBlocks = 8,
        BlockSize = 8,
        MaxNumSequences = 4,
        MaxBatchedTokens = 16,
        NumericsClass = "mock",
    };

    private readonly InstanceLifecycle _lifecycle = new(new InstanceKey("m", SiloAddress.FromParsableString("127.0.0.1:1@1"), 3), gpu: 0, new NameList(["n"]));

    [Fact]
    public void Forms_UntilItsRanksAnswer() => Assert.Equal((InstanceState.Forming, new NameList(["n"])), (_lifecycle.Report.State, _lifecycle.Report.Aliases));

    [Fact]
    public void RankThatHasNotHeardYet_IsWaitedFor()
    {
        _lifecycle.Observe([Rank(InstanceState.Loading, 4), Rank(InstanceState.Failed, 0) with { Generation = 2, Error = "the one before" }]);
        Assert.Equal(InstanceState.Forming, _lifecycle.Report.State);

        _lifecycle.Observe([Rank(InstanceState.Loading, 4), Rank(InstanceState.Loading, 1)]);
        Assert.Equal(InstanceState.Loading, _lifecycle.Report.State);
    }

    [Fact]
    public void RankThatFallsBackToAnOlderGeneration_EndsTheInstance()
    {
        _lifecycle.Observe([Rank(InstanceState.Loading, 4)]);
        _lifecycle.Observe([Rank(InstanceState.Loading, 4) with { Generation = 0 }]);

        Assert.Equal("Rank 0 is at generation 0.", _lifecycle.Report.Error);
    }

    [Fact]
    public void OneRankStillLoads_TheInstanceLoads()
    {
        _lifecycle.Observe([Rank(InstanceState.Ready, 10), Rank(InstanceState.Loading, 4)]);

        Assert.Equal(InstanceState.Loading, _lifecycle.Report.State);
        Assert.Equal((14, 20), (_lifecycle.Report.LoadedBytes, _lifecycle.Report.TotalBytes));
        Assert.Null(_lifecycle.Report.Limits);
    }

    [Fact]
    public void AllRanksReady_TheInstanceIsReadyUnderItsHeadsIdentity()
    {
        _lifecycle.Observe([Rank(InstanceState.Ready, 10), Rank(InstanceState.Ready, 10)]);

        Assert.Equal(InstanceState.Ready, _lifecycle.Report.State);
        Assert.Equal(new WorkerId(5), _lifecycle.Report.Worker);
        Assert.Equal(Limits, _lifecycle.Report.Limits);
    }

    [Fact]
    public void OneRankDrains_TheInstanceDrains()
    {
        _lifecycle.Observe([Rank(InstanceState.Ready, 10), Rank(InstanceState.Draining, 10)]);

        Assert.Equal(InstanceState.Draining, _lifecycle.Report.State);
    }

    [Fact]
    public void OneRankFails_TheInstanceIsOverForGood()
    {
        _lifecycle.Observe([Rank(InstanceState.Ready, 10), Rank(InstanceState.Failed, 10) with { Error = "no memory" }]);
        _lifecycle.Observe([Rank(InstanceState.Ready, 10), Rank(InstanceState.Ready, 10)]);

        Assert.Equal(InstanceState.Failed, _lifecycle.Report.State);
        Assert.Equal("Rank 1: no memory", _lifecycle.Report.Error);
    }

    [Fact]
    public void RankOfAnotherGeneration_EndsTheInstance()
    {
        _lifecycle.Observe([Rank(InstanceState.Ready, 10) with { Generation = 4 }]);

        Assert.Equal(InstanceState.Failed, _lifecycle.Report.State);
        Assert.Equal("Rank 0 is at generation 4.", _lifecycle.Report.Error);
    }

    private static RankReport Rank(InstanceState state, long loaded) =>
        new() { Generation = 3, Worker = new WorkerId(5), State = state, LoadedBytes = loaded, TotalBytes = 10, Limits = Limits };
}
