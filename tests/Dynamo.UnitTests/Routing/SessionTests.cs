using Dynamo.Protocol.Load;
using Dynamo.Protocol.Routing;
using Dynamo.Routing;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Filters;
using Dynamo.Routing.Workers;
using Xunit;

namespace Dynamo.UnitTests.Routing;

public sealed class SessionTests
{
    private static readonly RouterOptions Hard = TestRouter.KV with
    {
        Sessions = new SessionOptions { IdleMilliseconds = 1000 },
        Hold = new HoldOptions { MaxQueued = 1 },
    };

    private static readonly RouterOptions Soft = Hard with { Sessions = Hard.Sessions! with { IsHard = false } };

    [Fact]
    public void RequestsOfASession_StayAtItsWorker_WhateverTheyCost()
    {
        TestRouter sut = new(4, Hard with { Hold = null });
        int first = Route(sut, 1, 0, 1, 2);
        for (int request = 2; request < 10; request++)
        {
            Assert.Equal(first, Route(sut, request, request, (ulong)(100 * request)));
        }
    }

    [Fact]
    public void SessionThatWasIdleTooLong_IsForgotten_AndTheEndOfARequestBeginsItsTimeAnew()
    {
        TestRouter sut = new(2, Hard);
        int first = Route(sut, 1, 0, 1);
        sut.Router.Ended(TestRouter.Id(1), 900);
        sut.Store((ulong)(3 - first), 7, 8, 9);
        Assert.Equal(first, Route(sut, 2, 1900, 7, 8, 9));

        sut.Router.Ended(TestRouter.Id(2), 1900);
        Assert.Equal(3 - first, Route(sut, 3, 2901, 7, 8, 9));
    }

    [Fact]
    public void BusyWorker_Hard_IsWaitedFor_Soft_IsLeft()
    {
        TestRouter hard = new(2, Hard);
        int worker = Route(hard, 1, 0, 1);
        Assert.Equal(0, Route(hard, 2, 1, 2));
        hard.Router.FirstToken(TestRouter.Id(1), 5);
        Assert.Equal([(2, worker)], hard.Released());

        TestRouter soft = new(2, Soft);
        worker = Route(soft, 1, 0, 1);
        Assert.Equal(3 - worker, Route(soft, 2, 1, 2));
        Assert.Equal(0, soft.Router.NumHeld);
    }

    [Fact]
    public void WorkerThatIsGone_ReleasesItsSessions_HeldRequestsToo()
    {
        TestRouter sut = new(2, Hard);
        int worker = Route(sut, 1, 0, 1);
        Assert.Equal(0, Route(sut, 2, 1, 2));

        sut.Router.RemoveWorker(new WorkerId((ulong)worker), 2);

        Assert.Equal([(2, 3 - worker)], sut.Released());
    }

    [Fact]
    public void WorkerThatIsGone_HeldRequestThatMustWaitOn_KeepsItsAge()
    {
        TestRouter sut = new(2, Hard with { Hold = new HoldOptions { MaxQueued = 1, MaxHeldMilliseconds = 50 } });
        int worker = Route(sut, 1, 0, 1);
        sut.Route(2, 0, 2);
        Assert.Equal(0, Route(sut, 3, 1, 3));
        Assert.Equal(0, sut.WorkerOf(4, 10, 4));

        sut.Router.RemoveWorker(new WorkerId((ulong)worker), 20);
        Assert.Empty(sut.Released());
        sut.Router.Tick(52);

        Assert.True(sut.Router.TryTakeReleased(out ExplainedDecision? refused));
        Assert.Equal((TestRouter.Id(3), RouteStatus.Overloaded, 51.0), (refused.Request, refused.Status, refused.HeldMilliseconds));
        Assert.Equal(1, sut.Router.NumHeld);
    }

    [Fact]
    public void WorkerThatIsGone_HeldRequestThatFindsTheOthersTooBusy_WaitsOn()
    {
        TestRouter sut = new(2, Hard with { Busy = new BusyLimits { ActiveDecodeBlocks = 0.5 } });
        int worker = Route(sut, 1, 0, 1);
        Assert.Equal(0, Route(sut, 2, 1, 2));
        WorkerId other = new((ulong)(3 - worker));
        sut.Router.ReportLoad(other, new StepSample(0, 1, 5, 90, 100), 0);

        sut.Router.RemoveWorker(new WorkerId((ulong)worker), 2);
        Assert.Empty(sut.Released());
        Assert.Equal(1, sut.Router.NumHeld);

        sut.Router.ReportLoad(other, new StepSample(0, 1, 5, 10, 100), 0);
        sut.Router.Tick(3);
        Assert.Equal([(2, 3 - worker)], sut.Released());
    }

    [Fact]
    public void DrainingOrExcludedWorker_IsLeft()
    {
        TestRouter sut = new(2, Hard with { Hold = null });
        int worker = Route(sut, 1, 0, 1);
        RouteRequest query = TestRouter.Query(2, 2) with { Session = "s", Excluded = [new WorkerId((ulong)worker)] };
        Assert.Equal(3 - worker, (int)sut.Router.Route(query, 1).Worker!.Value.Value);

        sut.Router.SetWorker(new WorkerId((ulong)(3 - worker)), WorkerState.Draining, new WorkerLimits(100, 1000), 2);
        Assert.Equal(worker, Route(sut, 3, 3, 3));
    }

    private static int Route(TestRouter sut, int request, double now, params ulong[] blocks) =>
        (int)(sut.Router.Route(TestRouter.Query(request, blocks) with { Session = "s" }, now).Worker?.Value ?? 0);
}
