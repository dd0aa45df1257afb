using Dynamo.Protocol.Load;
using Dynamo.Protocol.Routing;
using Dynamo.Routing.Filters;
using Dynamo.Routing.Modes;
using Dynamo.Routing.Scoring;
using Xunit;

namespace Dynamo.UnitTests.Routing;

/// <summary>A mode of somebody's own: one class and one line.</summary>
public sealed class NewModeTests
{
    static NewModeTests() => RoutingModes.Add("newest", static (_, _) => new NewestMode());

    [Fact]
    public void ModeOfOnesOwn_PicksAmongThoseThatMayGetARequest()
    {
        TestRouter sut = new(3, TestRouter.KV with { Mode = "newest" });

        Assert.Equal(3, sut.WorkerOf(1, 0, 1));
        Assert.Equal(new WorkerId(2), sut.Router.Route(TestRouter.Query(2, 1) with { Excluded = [new WorkerId(3)] }, 0).Worker);
    }

    [Fact]
    public void ModeThatNobodyHasAdded_IsRefusedWithTheNamesOfAll() =>
        Assert.Contains("'fastest'; there are kv, round-robin, random,", Assert.Throws<ArgumentException>(() => new TestRouter(1, TestRouter.KV with { Mode = "fastest" })).Message);

    private sealed class NewestMode : RoutingMode
    {
        public override void Score(Assessment assessment) => assessment.Score(RequestCosts.None(assessment));

        public override int Pick(Assessment assessment, RouteRequest request) =>
            Enumerable.Range(0, assessment.Count).LastOrDefault(index => assessment.ReasonAt(index) == Ineligibility.None, -1);
    }
}
