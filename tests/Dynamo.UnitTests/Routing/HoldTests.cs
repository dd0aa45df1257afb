using Dynamo.Protocol.Load;
using Dynamo.Protocol.Routing;
using Dynamo.Routing;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Filters;
using Xunit;

namespace Dynamo.UnitTests.Routing;

public sealed class HoldTests
{
    [Fact]
    public void NoRoom_HeldUntilThereIs()
    {
        TestRouter sut = new(1, TestRouter.KV, numBlocks: 5);
        sut.Route(1, 0, 1, 2, 3);

        ExplainedDecision decision = sut.Route(2, 1, 4, 5, 6);
        Assert.Equal((RouteStatus.Held, "1 worker: 1 without room for the prompt"), (decision.Status, decision.Reason));
        sut.Router.FirstToken(TestRouter.Id(1), 5);
        Assert.Empty(sut.Released());

        sut.Router.Ended(TestRouter.Id(1), 11);
        Assert.True(sut.Router.TryTakeReleased(out ExplainedDecision? released));
        Assert.Equal((TestRouter.Id(2), RouteStatus.Routed, new WorkerId(1), 10.0), (released.Request, released.Status, released.Worker!.Value, released.HeldMilliseconds));
        Assert.Equal(0, sut.Router.NumHeld);
    }

    [Fact]
    public void WhatIsSharedNeedsNoRoom()
    {
        TestRouter sut = new(1, TestRouter.KV, numBlocks: 5);
        sut.Route(1, 0, 1, 2, 3);

        Assert.Equal(RouteStatus.Routed, sut.Route(2, 0, 1, 2, 3, 4, 5).Status);
    }

    [Fact]
    public void AnIdleWorkerTakesWhateverComes() => Assert.Equal(RouteStatus.Routed, new TestRouter(1, TestRouter.KV, numBlocks: 2).Route(1, 0, 1, 2, 3).Status);

    [Fact]
    public void QueueFull_HeldUntilAFirstTokenIsSeen()
    {
        TestRouter sut = new(1, TestRouter.KV with { Hold = new HoldOptions { MaxQueued = 1 } });
        sut.Route(1, 0, 1);
        Assert.Equal(RouteStatus.Held, sut.Route(2, 0, 2).Status);

        sut.Router.FirstToken(TestRouter.Id(1), 1);

        Assert.Equal([(2, 1)], sut.Released());
    }

    [Fact]
    public void TheShortestGoesFirst_UnlessAnotherHasWaitedLong()
    {
        TestRouter sut = new(1, TestRouter.KV with { Hold = new HoldOptions { MaxQueued = 1 } });
        sut.Route(1, 0, 1);
        sut.Route(2, 0, 10, 11, 12, 13, 14);
        sut.Route(3, 1, 20);
        sut.Router.FirstToken(TestRouter.Id(1), 2);
        Assert.Equal([(3, 1)], sut.Released());

        // 40 tokens more are 0.8 ms of work, worth 8 ms of waiting.
        sut.Route(4, 20, 30);
        sut.Router.FirstToken(TestRouter.Id(3), 21);
        Assert.Equal([(2, 1)], sut.Released());
    }

    [Fact]
    public void HeldForLong_FitNoLongerMatters()
    {
        TestRouter sut = new(1, TestRouter.KV with { Hold = new HoldOptions { MaxFitMilliseconds = 100 } }, numBlocks: 5);
        sut.Route(1, 0, 1, 2, 3);
        sut.Route(2, 0, 4, 5, 6);
        sut.Router.Tick(100);
        Assert.Empty(sut.Released());

        sut.Router.Tick(101);

        Assert.Equal([(2, 1)], sut.Released());
    }

    [Fact]
    public void TooManyHeld_Overloaded()
    {
        TestRouter sut = new(1, TestRouter.KV with { Hold = new HoldOptions { MaxQueued = 1, MaxHeld = 1 } });
        sut.Route(1, 0, 1);
        sut.Route(2, 0, 2);

        Assert.Equal(RouteStatus.Overloaded, sut.Route(3, 0, 3).Status);
        Assert.Equal(1, sut.Router.NumHeld);
    }

    [Fact]
    public void HeldTooLong_Overloaded()
    {
        TestRouter sut = new(1, TestRouter.KV with { Hold = new HoldOptions { MaxQueued = 1, MaxHeldMilliseconds = 50 } });
        sut.Route(1, 0, 1);
        sut.Route(2, 0, 2);
        sut.Route(3, 40, 3);

        sut.Router.Tick(60);

        Assert.True(sut.Router.TryTakeReleased(out ExplainedDecision? refused));
        Assert.Equal((TestRouter.Id(2), RouteStatus.Overloaded), (refused.Request, refused.Status));
        Assert.Equal(1, sut.Router.NumHeld);
    }

    [Fact]
    public void Cancelled_IsNotSent()
    {
        TestRouter sut = new(1, TestRouter.KV with { Hold = new HoldOptions { MaxQueued = 1 } });
        sut.Route(1, 0, 1);
        sut.Route(2, 0, 2);
        sut.Router.Ended(TestRouter.Id(2), 1);

        sut.Router.Ended(TestRouter.Id(1), 2);

        Assert.Empty(sut.Released());
        Assert.Equal(0, sut.Router.NumHeld);
    }

    [Fact]
    public void TheLastWorkerGoes_WhatIsHeldIsRefused()
    {
        TestRouter sut = new(1, TestRouter.KV with { Hold = new HoldOptions { MaxQueued = 1 } });
        sut.Route(1, 0, 1);
        sut.Route(2, 0, 2);

        sut.Router.RemoveWorker(new WorkerId(1), 5);

        Assert.True(sut.Router.TryTakeReleased(out ExplainedDecision? refused));
        Assert.Equal((RouteStatus.Unavailable, "no worker has offered this model"), (refused.Status, refused.Reason));
    }

    [Fact]
    public void AWorkerComes_WhatIsHeldGoesThere()
    {
        TestRouter sut = new(1, TestRouter.KV with { Hold = new HoldOptions { MaxQueued = 1 } });
        sut.Route(1, 0, 1);
        sut.Route(2, 0, 2);

        sut.Router.SetWorker(new WorkerId(5), WorkerState.Ready, new(100, 1000), 1);

        Assert.Equal([(2, 5)], sut.Released());
    }

    [Fact]
    public void OneTenantsManyRequests_DoNotKeepAnotherWaiting()
    {
        TestRouter sut = new(1, TestRouter.KV with { Hold = new HoldOptions { MaxQueued = 1, Window = 4 } });
        sut.Route(0, 0, 1);
        for (int request = 1; request <= 20; request++)
        {
            sut.Router.Route(TestRouter.Query(request, (ulong)(100 + request)) with { Tenant = "many" }, 0);
        }

        for (int request = 21; request <= 22; request++)
        {
            sut.Router.Route(TestRouter.Query(request, (ulong)(200 + request)) with { Tenant = "few" }, 1);
        }

        List<int> order = [0];
        for (int i = 0; i < 4; i++)
        {
            sut.Router.FirstToken(TestRouter.Id(order[^1]), 2);
            order.Add(Assert.Single(sut.Released()).Request);
        }

        Assert.Equal([1, 21, 2, 22], order[1..]);
    }
}
