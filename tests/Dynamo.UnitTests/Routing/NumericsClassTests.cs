using Dynamo.Protocol.Load;
using Dynamo.Protocol.Routing;
using Dynamo.Routing;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Filters;
using Dynamo.Routing.Workers;
using Xunit;

namespace Dynamo.UnitTests.Routing;

/// <summary>A text that moves goes on where it rounds alike, as far as that is possible. Workers 1 and 2 are of class a, 3 is of class b.</summary>
public sealed class NumericsClassTests
{
    private static readonly HoldOptions OneQueued = new() { MaxQueued = 1, MaxClassMilliseconds = 100 };

    [Theory]
    [InlineData(RouterMode.KV)]
    [InlineData(RouterMode.RoundRobin)]
    [InlineData(RouterMode.Random)]
    [InlineData(RouterMode.LeastLoaded)]
    [InlineData(RouterMode.PowerOfTwo)]
    [InlineData(RouterMode.Direct)]
    public void Move_GoesToAnotherOfItsClass_WhateverItCosts(string mode)
    {
        TestRouter sut = Create(TestRouter.KV with { Mode = mode, Hold = null });
        sut.Store(3, 1, 2, 3);
        for (int request = 1; request < 9; request++)
        {
            Assert.Equal(2UL, sut.Router.Route(Move(request, "a", 1, 2, 3) with { Excluded = [new WorkerId(1)] }, 0).Worker!.Value.Value);
        }
    }

    [Fact]
    public void FirstAttempt_HasNoClass()
    {
        TestRouter sut = Create(TestRouter.KV);
        sut.Store(3, 1, 2, 3);

        Assert.Equal(3, sut.WorkerOf(1, 0, 1, 2, 3));
    }

    [Theory]
    [InlineData("a", WorkerState.Draining)]
    [InlineData("a", WorkerState.Loading)]
    [InlineData("a", WorkerState.Failed)]
    [InlineData("c", WorkerState.Ready)]
    public void NoneOfItsClassIsReady_GoesAnywhere_AndTheDecisionSaysSo(string numericsClass, WorkerState state)
    {
        TestRouter sut = Create(TestRouter.KV);
        Set(sut, 1, state, "a");
        Set(sut, 2, state, "a");
        sut.Store(3, 1, 2, 3);

        ExplainedDecision decision = sut.Router.Route(Move(1, numericsClass, 1, 2, 3), 0);

        Assert.Equal((RouteStatus.Routed, new WorkerId(3), numericsClass), (decision.Status, decision.Worker, decision.PreferredClass));
        Assert.Equal((new WorkerId(3), "b"), (decision.Candidates[0].Worker, decision.Candidates[0].NumericsClass));
        Assert.Equal(3, decision.Candidates.Count);
    }

    [Fact]
    public void MoveInItsClass_SaysWhyTheOthersWereNotTaken()
    {
        ExplainedDecision decision = Create(TestRouter.KV).Router.Route(Move(1, "b", 1), 0);

        Assert.Equal((new WorkerId(3), "b"), (decision.Worker, decision.PreferredClass));
        Assert.Equal(["3 b None", "1 a OtherClass", "2 a OtherClass"], decision.Candidates.Select(static one => $"{one.Worker.Value} {one.NumericsClass} {one.Ineligibility}"));
    }

    [Fact]
    public void NobodyAtAll_SaysWhatEachIs()
    {
        TestRouter sut = Create(TestRouter.KV);
        for (ulong worker = 1; worker <= 3; worker++)
        {
            Set(sut, worker, WorkerState.Draining, worker == 3 ? "b" : "a");
        }

        ExplainedDecision decision = sut.Router.Route(Move(1, "a", 1), 0);

        Assert.Equal((RouteStatus.Unavailable, "3 workers: 3 draining"), (decision.Status, decision.Reason));
    }

    [Fact]
    public void ItsClassIsTooBusy_GoesElsewhere()
    {
        TestRouter sut = Create(TestRouter.KV with { Busy = new BusyLimits { ActivePrefillTokens = 5 } });
        Assert.Equal([1, 2], new[] { At(sut, 1, "a"), At(sut, 2, "a") }.Order());

        Assert.Equal(3, At(sut, 3, "a"));
    }

    [Fact]
    public void ItsClassHasEnoughToDo_IsHeldUntilOneOfItHasRoom()
    {
        TestRouter sut = Create(TestRouter.KV with { Hold = OneQueued });
        int first = At(sut, 1, "a");
        Assert.Equal(3 - first, At(sut, 2, "a"));
        Assert.Equal(0, At(sut, 3, "a"));
        Assert.Equal(1, sut.Router.NumHeld);
        sut.Router.Tick(100);
        Assert.Empty(sut.Released());

        sut.Router.FirstToken(TestRouter.Id(1), 100);

        Assert.Equal([(3, first)], sut.Released());
    }

    [Fact]
    public void HeldForItsClassTooLong_GoesToAnother()
    {
        TestRouter sut = Create(TestRouter.KV with { Hold = OneQueued });
        At(sut, 1, "a");
        At(sut, 2, "a");
        At(sut, 3, "a");

        sut.Router.Tick(101);

        Assert.True(sut.Router.TryTakeReleased(out ExplainedDecision? released));
        Assert.Equal((TestRouter.Id(3), new WorkerId(3), "a", 101.0), (released.Request, released.Worker, released.PreferredClass, released.HeldMilliseconds));
    }

    [Fact]
    public void HeldAndTheLastOfItsClassIsGone_GoesToAnother()
    {
        TestRouter sut = Create(TestRouter.KV with { Hold = OneQueued });
        At(sut, 1, "a");
        At(sut, 2, "a");
        At(sut, 3, "a");
        sut.Router.RemoveWorker(new WorkerId(1), 1);
        Assert.Empty(sut.Released());

        Set(sut, 2, WorkerState.Draining, "a");

        Assert.Equal([(3, 3)], sut.Released());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void SessionOfAWorkerOfAnotherClass_GoesAlong(bool isHard)
    {
        TestRouter sut = Create(TestRouter.KV with { Hold = null, Sessions = new SessionOptions { IdleMilliseconds = 1000, IsHard = isHard } });
        sut.Store(3, 1, 2, 3);
        Assert.Equal(new WorkerId(3), sut.Router.Route(TestRouter.Query(1, 1, 2, 3) with { Session = "s" }, 0).Worker);

        WorkerId? moved = sut.Router.Route(Move(2, "a", 1, 2, 3) with { Session = "s" }, 1).Worker;

        Assert.NotEqual(new WorkerId(3), moved);
        Assert.Equal(moved, sut.Router.Route(TestRouter.Query(3, 1, 2, 3) with { Session = "s" }, 2).Worker);
    }

    private static TestRouter Create(RouterOptions options)
    {
        TestRouter router = new(3, options);
        Set(router, 1, WorkerState.Ready, "a");
        Set(router, 2, WorkerState.Ready, "a");
        Set(router, 3, WorkerState.Ready, "b");
        return router;
    }

    private static void Set(TestRouter router, ulong worker, WorkerState state, string numericsClass) =>
        router.Router.SetWorker(new WorkerId(worker), state, new WorkerLimits(100, 1000, numericsClass), 0);

    private static RouteRequest Move(int request, string numericsClass, params ulong[] blocks) =>
        TestRouter.Query(request, blocks) with { IsMove = true, NumericsClass = numericsClass };

    // Where a request of one block that moves goes; 0 for none.
    private static int At(TestRouter router, int request, string numericsClass) =>
        (int)(router.Router.Route(Move(request, numericsClass, (ulong)request), 0).Worker?.Value ?? 0);
}
