using Dynamo.Protocol.Load;
using Dynamo.Protocol.Routing;
using Dynamo.Routing.Configuration;
using Xunit;

namespace Dynamo.UnitTests.Routing;

public sealed class RouterModeTests
{
    [Fact]
    public void RoundRobin_TakesTurns()
    {
        TestRouter sut = new(3, TestRouter.KV with { Mode = RouterMode.RoundRobin });

        Assert.Equal([1, 2, 3, 1], Enumerable.Range(0, 4).Select(request => sut.WorkerOf(request, 0, 1)));
    }

    [Fact]
    public void LeastLoaded_TakesTheOneWithFewestRequests()
    {
        TestRouter sut = new(3, TestRouter.KV with { Mode = RouterMode.LeastLoaded });
        int[] first = [sut.WorkerOf(1, 0, 1), sut.WorkerOf(2, 0, 1), sut.WorkerOf(3, 0, 1)];
        Assert.Equal([1, 2, 3], first.Order());

        sut.Router.Ended(TestRouter.Id(2), 1);
        Assert.Equal(first[1], sut.WorkerOf(4, 1, 1));
    }

    [Fact]
    public void PowerOfTwo_NeverTakesTheBusiest()
    {
        TestRouter sut = new(3, TestRouter.KV with { Mode = RouterMode.PowerOfTwo });
        sut.Router.Route(TestRouter.Query(0, 1) with { Pinned = new WorkerId(2) }, 0);

        for (int request = 1; request <= 50; request++)
        {
            Assert.NotEqual(2, sut.WorkerOf(request, 0, 1));
            sut.Router.Ended(TestRouter.Id(request), 0);
        }
    }

    [Fact]
    public void Random_TakesAny()
    {
        TestRouter sut = new(3, TestRouter.KV with { Mode = RouterMode.Random });

        Assert.Equal([1, 2, 3], Enumerable.Range(0, 50).Select(request => sut.WorkerOf(request, 0, 1)).Distinct().Order());
    }

    [Fact]
    public void Direct_NeedsAWorker()
    {
        TestRouter sut = new(2, TestRouter.KV with { Mode = RouterMode.Direct });

        Assert.Equal(RouteStatus.Invalid, sut.Route(1, 0, 1).Status);
        Assert.Equal(RouteStatus.Routed, sut.Router.Route(TestRouter.Query(2, 1) with { IsMove = true }, 0).Status);
        Assert.Equal(new WorkerId(2), sut.Router.Route(TestRouter.Query(1, 1) with { Pinned = new WorkerId(2) }, 0).Worker);
    }

    [Fact]
    public void EqualSeeds_EqualDecisions()
    {
        TestRouter a = new(5, TestRouter.KV, seed: 7);
        TestRouter b = new(5, TestRouter.KV, seed: 7);

        Assert.Equal(Enumerable.Range(0, 40).Select(i => a.WorkerOf(i, i, (ulong)i)), Enumerable.Range(0, 40).Select(i => b.WorkerOf(i, i, (ulong)i)));
    }
}
