using Dynamo.Protocol.Load;
using Dynamo.Protocol.Routing;
using Dynamo.Routing;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Filters;
using Dynamo.Routing.Scoring;
using Dynamo.Routing.Workers;
using Xunit;

namespace Dynamo.UnitTests.Routing;

public sealed class RouterTests
{
    [Fact]
    public void KV_GoesWhereThePrefixIs()
    {
        TestRouter sut = new(3, TestRouter.KV);
        sut.Store(2, 1, 2, 3);

        ExplainedDecision decision = sut.Route(1, 0, 1, 2, 3, 4);

        Assert.Equal(RouteStatus.Routed, decision.Status);
        Assert.Equal(new WorkerId(2), decision.Worker);
        Assert.Equal(3, decision.OverlapBlocks);
    }

    [Fact]
    public void KV_ABlockBehindAHoleDoesNotCount()
    {
        TestRouter sut = new(2, TestRouter.KV);
        sut.Store(1, 1, 2, 3, 4);
        sut.Store(2, 1, 2);
        sut.Router.Removed(new WorkerId(1), TestKeys.Of(2));

        Assert.Equal(2, sut.WorkerOf(1, 0, 1, 2, 3, 4));
    }

    [Fact]
    public void KV_ALongQueueOutweighsAShortPrefix()
    {
        TestRouter sut = new(2, TestRouter.KV);
        sut.Store(1, 1);
        Assert.Equal(1, sut.WorkerOf(1, 0, 1, 2, 3, 4, 5, 6, 7, 8));

        Assert.Equal(2, sut.WorkerOf(2, 0, 1, 20));
    }

    [Fact]
    public void KV_BlocksOfARequestUnderWayCountBeforeTheWorkerSaysSo()
    {
        TestRouter sut = new(2, TestRouter.KV);
        int first = sut.WorkerOf(1, 0, 1, 2, 3, 4);

        ExplainedDecision sibling = sut.Route(2, 0, 1, 2, 3, 4, 5);

        Assert.Equal((ulong)first, sibling.Worker!.Value.Value);
        Assert.Equal(4, sibling.OverlapBlocks);
    }

    [Fact]
    public void KV_BlocksOfARequestThatEndedDoNotCountUnlessTheWorkerHasThem()
    {
        TestRouter sut = new(2, TestRouter.KV);
        sut.Route(1, 0, 1, 2, 3);
        sut.Router.Ended(TestRouter.Id(1), 1);

        Assert.Equal(0, sut.Route(2, 2, 1, 2, 3).OverlapBlocks);
    }

    [Fact]
    public void WithoutEvents_OwnDecisionsCountUntilTheyAreOld()
    {
        TestRouter sut = new(2, TestRouter.KV with { HasKVEvents = false, ApproximateMilliseconds = 100 });
        sut.Route(1, 0, 1, 2, 3);
        sut.Router.Ended(TestRouter.Id(1), 1);
        sut.Router.Tick(99);
        Assert.Equal(3, sut.Route(2, 99, 1, 2, 3).OverlapBlocks);
        sut.Router.Ended(TestRouter.Id(2), 99);

        // The second decision made them young again.
        sut.Router.Tick(198);
        Assert.Equal(3, sut.Route(3, 198, 1, 2, 3).OverlapBlocks);
        sut.Router.Ended(TestRouter.Id(3), 198);

        sut.Router.Tick(298);
        Assert.Equal(0, sut.Route(4, 298, 1, 2, 3).OverlapBlocks);
    }

    [Fact]
    public void WithoutEvents_WhatAWorkerSaysAllTheSame_DoesNotCount()
    {
        TestRouter sut = new(1, TestRouter.KV with { HasKVEvents = false, ApproximateMilliseconds = 100 });
        sut.Store(1, 8, 9);
        sut.Route(1, 0, 1, 2);
        sut.Router.Ended(TestRouter.Id(1), 1);
        sut.Router.Removed(new WorkerId(1), TestKeys.Of(1, 2));
        sut.Router.Cleared(new WorkerId(1));

        Assert.Equal(0, sut.Route(2, 2, 8, 9).OverlapBlocks);
        Assert.Equal(2, sut.Route(3, 2, 1, 2).OverlapBlocks);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void WorkerThatLostAll_HoldsNothing_WhateverItWasKnownBy(bool hasEvents)
    {
        TestRouter sut = new(1, TestRouter.KV with { HasKVEvents = hasEvents });
        sut.Store(1, 1, 2);
        sut.Route(1, 0, 1, 2);
        sut.Router.Ended(TestRouter.Id(1), 1);
        Assert.Equal(2, sut.Route(2, 2, 1, 2).OverlapBlocks);
        sut.Router.Ended(TestRouter.Id(2), 3);

        sut.Router.Lost(new WorkerId(1));

        Assert.Equal(0, sut.Route(3, 4, 1, 2).OverlapBlocks);
    }

    [Fact]
    public void Explanation_HasEveryTermAndEveryReason()
    {
        TestRouter sut = new(3, TestRouter.KV);
        sut.Store(1, 1, 2);
        sut.Router.SetWorker(new WorkerId(3), WorkerState.Draining, new WorkerLimits(100, 1000), 0);

        ExplainedDecision decision = sut.Route(1, 0, 1, 2, 3);

        Assert.Equal([1UL, 2UL, 3UL], decision.Candidates.Select(static candidate => candidate.Worker.Value));
        Assert.Equal([Ineligibility.None, Ineligibility.None, Ineligibility.Draining], decision.Candidates.Select(static candidate => candidate.Ineligibility));

        // rate = 0.02 + 6 / 1000; 10 tokens to compute at worker 1, 30 at worker 2, each counted 1.6 times.
        TimeCost best = decision.Candidates[0].Time!.Value;
        Assert.Equal((0.026, 0, 0, 0.416, 0), (Math.Round(best.Rate, 6), best.Wait, best.Step, Math.Round(best.Own, 6), best.Balance));
        Assert.Equal(1.248, decision.Candidates[1].Time!.Value.Total, 6);
        Assert.Null(decision.Candidates[0].Dynamo);
    }

    [Fact]
    public void Explanation_IsOfTheBestWhereThereAreMany()
    {
        TestRouter sut = new(10, TestRouter.KV with { MaxExplained = 2 });
        sut.Store(7, 1, 2);
        sut.Store(4, 1);

        ExplainedDecision decision = sut.Route(1, 0, 1, 2, 3);

        Assert.Equal([7UL, 4UL], decision.Candidates.Select(static candidate => candidate.Worker.Value));
        Assert.Equal(10, decision.NumWorkers);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public void Explanation_HasTheChosenWorker_ThoughChanceChoseIt(double temperature)
    {
        for (int seed = 0; seed < 10; seed++)
        {
            TestRouter sut = new(50, TestRouter.KV with { MaxExplained = 2, Temperature = temperature }, seed: seed);

            ExplainedDecision decision = sut.Route(1, 0, 1, 2, 3);

            Assert.Equal(2, decision.Candidates.Count);
            Assert.Contains(decision.Candidates, candidate => candidate.Worker == decision.Worker);
        }
    }

    [Fact]
    public void MostOverlap_IsThatOfAnyWorker()
    {
        TestRouter sut = new(9, TestRouter.KV with { MaxExplained = 1 });
        sut.Store(4, 1, 2);
        sut.Store(9, 1, 2, 3);
        sut.Router.SetWorker(new WorkerId(9), WorkerState.Draining, new WorkerLimits(100, 1000), 0);

        ExplainedDecision decision = sut.Route(1, 0, 1, 2, 3, 4);

        Assert.Equal((new WorkerId(4), 2, 3), (decision.Worker, decision.OverlapBlocks, decision.MostOverlapBlocks));
    }

    [Fact]
    public void RecentWork_FadesOverTenMinutes_HoweverLongTheRouterRuns()
    {
        const double tenMinutes = 600_000;
        const double later = 1000 * tenMinutes;
        TestRouter sut = new(2, TestRouter.KV);

        Assert.Equal((0.0, 0.0), Shares(1, worker: 1, 0));
        Assert.Equal((2.0, 0.0), Shares(2, worker: 2, tenMinutes));
        Assert.Equal((Rounded(2 / (Math.E + 1)), Rounded(2 * Math.E / (Math.E + 1))), Shares(3, worker: 1, tenMinutes));

        // Days later, what was before counts for nothing.
        Shares(4, worker: 2, later);
        Assert.Equal((0.0, 2.0), Shares(5, worker: 1, later + tenMinutes));
        Assert.Equal((Rounded(2 * Math.E / (Math.E + 1)), Rounded(2 / (Math.E + 1))), Shares(6, worker: 1, later + tenMinutes));

        // The shares before a request of 30 tokens, which goes to a worker then.
        (double One, double Two) Shares(int request, ulong worker, double now)
        {
            RouteRequest query = TestRouter.Query(request, [.. Enumerable.Range(10 * request, 3).Select(static block => (ulong)block)]);
            ExplainedDecision decision = sut.Router.Route(query with { Pinned = new WorkerId(worker) }, now);
            return (ShareOf(1), ShareOf(2));

            double ShareOf(ulong id) => Rounded(decision.Candidates.Single(candidate => candidate.Worker.Value == id).Input.RecentShare);
        }

        static double Rounded(double share) => Math.Round(share, 9);
    }

    [Fact]
    public void RequestThatRunsSomewhere_IsBookedThere_HoweverBusyThatIs()
    {
        TestRouter sut = new(2, TestRouter.KV with { Hold = new HoldOptions { MaxQueued = 1 } });
        sut.Route(1, 0, 1);
        sut.Route(2, 0, 2);
        sut.Router.SetWorker(new WorkerId(2), WorkerState.Draining, new WorkerLimits(100, 1000), 0);

        foreach (int worker in (int[])[1, 2])
        {
            ExplainedDecision decision = sut.Router.Route(TestRouter.Query(10 + worker, 3, 4) with { RunsAt = new WorkerId((ulong)worker) }, 1);
            Assert.Equal((RouteStatus.Routed, new WorkerId((ulong)worker)), (decision.Status, decision.Worker));
            Assert.Equal(decision.Worker, decision.Candidates[0].Worker);
        }

        Assert.Equal((4, 0), (sut.Router.NumBooked, sut.Router.NumHeld));
        Assert.Equal([2, 2], sut.Router.Loads().Select(static load => load.NumLive));
    }

    [Fact]
    public void RequestThatRunsAtAnUnknownWorker_IsNotBooked()
    {
        TestRouter sut = new(1, TestRouter.KV);

        Assert.Equal(RouteStatus.Unavailable, sut.Router.Route(TestRouter.Query(1, 1) with { RunsAt = new WorkerId(9) }, 0).Status);
        Assert.Equal(0, sut.Router.NumBooked);
    }

    [Fact]
    public void NobodyThere_UnavailableWithTheReason()
    {
        Assert.Equal("no worker has offered this model", new TestRouter(0, TestRouter.KV).Route(1, 0, 1).Reason);

        TestRouter sut = new(2, TestRouter.KV);
        sut.Router.SetWorker(new WorkerId(1), WorkerState.Loading, new WorkerLimits(100, 1000), 0);
        ExplainedDecision decision = sut.Router.Route(TestRouter.Query(1, 1) with { Excluded = [new WorkerId(2)] }, 0);

        Assert.Equal(RouteStatus.Unavailable, decision.Status);
        Assert.Equal("2 workers: 1 loading, 1 refused or not reached", decision.Reason);
    }

    [Fact]
    public void Pinned_GoesThereOrNowhere()
    {
        TestRouter sut = new(2, TestRouter.KV);
        sut.Store(1, 1, 2);

        Assert.Equal(new WorkerId(2), sut.Router.Route(TestRouter.Query(1, 1, 2) with { Pinned = new WorkerId(2) }, 0).Worker);
        Assert.Equal("2 workers: 2 not the one asked for", sut.Router.Route(TestRouter.Query(2, 1, 2) with { Pinned = new WorkerId(3) }, 0).Reason);
    }

    [Fact]
    public void Busy_OverloadedWithTheReason()
    {
        TestRouter sut = new(1, TestRouter.KV with { Busy = new BusyLimits { ActivePrefillTokens = 15 } });
        Assert.Equal(RouteStatus.Routed, sut.Route(1, 0, 1, 2).Status);

        ExplainedDecision decision = sut.Route(2, 0, 3);
        Assert.Equal((RouteStatus.Overloaded, "1 worker: 1 too busy"), (decision.Status, decision.Reason));

        sut.Router.FirstToken(TestRouter.Id(1), 10);
        Assert.Equal(RouteStatus.Routed, sut.Route(3, 10, 3).Status);
    }

    [Fact]
    public void Busy_BlocksInUseAreWhatTheWorkerSays()
    {
        TestRouter sut = new(1, TestRouter.KV with { Busy = new BusyLimits { ActiveDecodeBlocks = 0.5 } });
        sut.Router.ReportLoad(new WorkerId(1), new StepSample(0, 1, 5, 51, 100), 0);

        Assert.Equal(RouteStatus.Overloaded, sut.Route(1, 0, 1).Status);
    }

    [Fact]
    public void AWorkerThatGoes_TakesItsBlocksAndRequestsAlong()
    {
        TestRouter sut = new(2, TestRouter.KV);
        sut.Store(1, 1, 2, 3);
        Assert.Equal(1, sut.WorkerOf(1, 0, 1, 2, 3));

        sut.Router.RemoveWorker(new WorkerId(1), 1);

        Assert.Equal(0, sut.Router.NumBooked);
        Assert.Equal(2, sut.WorkerOf(1, 1, 1, 2, 3));

        // Whoever gets its slot has nothing of it.
        sut.Router.SetWorker(new WorkerId(9), WorkerState.Ready, new WorkerLimits(100, 1000), 2);
        Assert.Equal(0, sut.Router.Route(TestRouter.Query(2, 1, 2, 3) with { Pinned = new WorkerId(9) }, 2).OverlapBlocks);
    }

    [Fact]
    public void AskedAgain_TheOldBookingIsGone()
    {
        TestRouter sut = new(2, TestRouter.KV);
        sut.Route(1, 0, 1, 2, 3);
        sut.Route(1, 1, 1, 2, 3);
        Assert.Equal(1, sut.Router.NumBooked);

        sut.Router.Ended(TestRouter.Id(1), 2);
        Assert.Equal(0, sut.Router.NumBooked);
        Assert.All(sut.Route(2, 3, 9).Candidates, static candidate => Assert.Equal((0, 0L, 0), (candidate.Input.BookedBlocks, candidate.Input.QueuedTokens, candidate.Input.NumLive)));
    }

    [Fact]
    public void UnheardOf_ARequestIsTakenToBeGone()
    {
        TestRouter sut = new(1, TestRouter.KV with { StaleMilliseconds = 1000 });
        sut.Route(1, 0, 1);
        sut.Route(2, 0, 2);
        sut.Router.FirstToken(TestRouter.Id(2), 60_500);

        sut.Router.Tick(61_000);

        Assert.Equal(1, sut.Router.NumBooked);
    }

    [Fact]
    public void SharedBlocks_AreBookedOnce()
    {
        TestRouter sut = new(1, TestRouter.KV);
        sut.Route(1, 0, 1, 2, 3);
        sut.Router.Route(TestRouter.Query(2, 1, 2, 4) with { NumTokens = 35 }, 0);

        // 1, 2, 3, 4 and the partly filled one of the second.
        Assert.Equal(5, sut.Route(3, 0, 9).Candidates[0].Input.BookedBlocks);

        sut.Router.Ended(TestRouter.Id(3), 1);
        sut.Router.Ended(TestRouter.Id(1), 1);
        Assert.Equal(4, sut.Route(4, 1, 9).Candidates[0].Input.BookedBlocks);
    }
}
