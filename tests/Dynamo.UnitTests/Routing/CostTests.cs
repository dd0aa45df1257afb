using Dynamo.Protocol.Routing;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Scoring;
using Dynamo.Routing.Workers;
using Xunit;

namespace Dynamo.UnitTests.Routing;

public sealed class CostTests
{
    private static readonly CostInput Input = new()
    {
        BlockSize = 10,
        NumTokens = 100,
        PromptBlocks = 10,
        OverlapBlocks = 2,
        NewBlocks = 10,
        QueuedTokens = 0,
        QueuedMilliseconds = 0,
        BookedBlocks = 0,
        BookedPartialBlocks = 0,
        NumLive = 0,
        NumQueued = 0,
        RecentShare = 0,
        Capacity = 100,
        MaxBatchedTokens = 1000,
        Speed = new StepSpeed(0.1, 5, 20),
    };

    [Fact]
    public void Dynamo_ItsOwnExample()
    {
        // Raw 10 blocks; overlaps 2, 5, 8; decode blocks 10, 5, 9: costs 18, 10, 11.
        Assert.Equal(18, Cost(2, 0), 9);
        Assert.Equal(10, Cost(5, -5), 9);
        Assert.Equal(11, Cost(8, -1), 9);

        static double Cost(int overlap, int booked) => DynamoCost.Of(new DynamoCostOptions(), Input with { OverlapBlocks = overlap, BookedBlocks = booked }, 0).Total;
    }

    [Fact]
    public void Dynamo_EveryParameterCounts()
    {
        CostInput input = Input with { QueuedTokens = 50, BookedBlocks = 7, NewBlocks = 4, NumLive = 3 };

        Assert.Equal(15 - 2 + 7 + 4, DynamoCost.Of(new DynamoCostOptions(), input, 0).Total, 9);
        Assert.Equal((4 * 13) + 11, DynamoCost.Of(new DynamoCostOptions { PrefillLoadScale = 4 }, input, 0).Total, 9);
        Assert.Equal(15 + 11, DynamoCost.Of(new DynamoCostOptions { OverlapScoreCredit = 0 }, input, 0).Total, 9);
        Assert.Equal(13 + 11 + 6, DynamoCost.Of(new DynamoCostOptions { DecodeActiveRequestWeight = 2 }, input, 0).Total, 9);
        Assert.Equal(13 + 7 + 10, DynamoCost.Of(new DynamoCostOptions { AssumeKVReuse = false }, input, 0).Total, 9);
        Assert.Equal(8 + 11, DynamoCost.Of(new DynamoCostOptions { TrackPrefillTokens = false }, input, 0).Total, 9);

        // 30 tokens more than the least busy worker are 3 blocks, 0.3 of the request: the credit is halved at a decay of 1 / 0.3.
        Assert.Equal(15 - 1 + 11, DynamoCost.Of(new DynamoCostOptions { OverlapScoreCreditDecay = 1 / 0.3 }, input, 20).Total, 9);

        // More credit than work is no gain.
        Assert.Equal(11, DynamoCost.Of(new DynamoCostOptions { OverlapScoreCredit = 10 }, input, 0).Total, 9);
    }

    [Fact]
    public void Dynamo_BlocksFilledInPartDoNotCount()
    {
        CostInput input = Input with { NumTokens = 105, PromptBlocks = 11, NewBlocks = 11, OverlapBlocks = 0, BookedBlocks = 7, BookedPartialBlocks = 2 };

        Assert.Equal(10.5 + 5 + 10, DynamoCost.Of(new DynamoCostOptions(), input, 0).Total, 9);
        Assert.Equal(10.5 + 5 + 10, DynamoCost.Of(new DynamoCostOptions { AssumeKVReuse = false }, input, 0).Total, 9);
    }

    [Fact]
    public void Dynamo_ARequestMayWantItOtherwise()
    {
        TestRouter sut = new(1, TestRouter.KV with { Cost = RouterCost.Dynamo, PredictOnRoute = false });
        sut.Store(1, 1, 2);

        Assert.Equal(4 - 2 + 4, sut.Route(1, 0, 1, 2, 3, 4).Candidates[0].Dynamo!.Value.Total, 9);
        RouteRequest query = TestRouter.Query(1, 1, 2, 3, 4) with { Overrides = new RouteOverrides { OverlapScoreCredit = 0.5, PrefillLoadScale = 2 } };
        Assert.Equal((2 * (4 - 1)) + 4, sut.Router.Route(query, 0).Candidates[0].Dynamo!.Value.Total, 9);
    }

    [Fact]
    public void Time_OwnWorkCountsForMore()
    {
        // 0.1 + 5 / 1000 a token, 80 tokens.
        TimeCost cost = TimeCost.Of(Input);

        Assert.Equal(0.105, cost.Rate, 9);
        Assert.Equal(1.6 * 8.4, cost.Total, 9);
    }

    [Fact]
    public void Time_DecodingWithFullerBlocksCostsMore() => Assert.Equal(0.1 + 0.005 + 0.01, TimeCost.Of(Input with { BookedBlocks = 50 }).Rate, 9);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 7.5)]
    [InlineData(2, 10)]
    [InlineData(14, 14)]
    public void Time_WhereSequencesDecodeAStepIsUnderWay(int numDecoding, double expected)
    {
        CostInput input = Input with { BookedBlocks = 50, NumLive = numDecoding + 3, NumQueued = 3 };

        Assert.Equal(expected, TimeCost.Of(input).Step, 9);
        Assert.Equal(expected + (1.6 * 80 * 0.115), TimeCost.Of(input).Total, 9);
    }

    [Fact]
    public void Time_TheQueueShrinksWithTime_ButNotToNothing()
    {
        CostInput queued = Input with { QueuedTokens = 1000 };

        Assert.Equal(105, TimeCost.Of(queued).Wait, 9);
        Assert.Equal(65, TimeCost.Of(queued with { QueuedMilliseconds = 40 }).Wait, 9);
        Assert.Equal(31.5, TimeCost.Of(queued with { QueuedMilliseconds = 1000 }).Wait, 9);
    }

    [Fact]
    public void Time_WhoGotMoreWorkLatelyIsDearer()
    {
        Assert.Equal(0.4 * 8.4, TimeCost.Of(Input with { RecentShare = 1 }).Balance, 9);
        Assert.Equal(0.8 * 8.4, TimeCost.Of(Input with { RecentShare = 2 }).Balance, 9);
        Assert.Equal(0.8 * 8.4, TimeCost.Of(Input with { RecentShare = 100 }).Balance, 9);
    }
}
