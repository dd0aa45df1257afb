using Dynamo.Protocol.Routing;
using Dynamo.Routing.Picking;
using Dynamo.Routing.Scoring;

namespace Dynamo.Routing.Modes;

/// <summary>The one that the request names; any, when it has run and lost its worker.</summary>
internal sealed class DirectMode(Random random) : RoutingMode
{
    public override string? FaultOf(RouteRequest request) =>
        request is { Pinned: null, IsMove: false } ? "the request names no worker, and in direct mode it must" : null;

    public override void Score(Assessment assessment) => assessment.Score(RequestCosts.None(assessment));

    public override int Pick(Assessment assessment, RouteRequest request) => Picker.Pick(assessment.Costs, assessment.Lows.Least, temperature: 0, random);
}
