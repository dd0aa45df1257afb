using Dynamo.Protocol.Routing;
using Dynamo.Routing.Picking;
using Dynamo.Routing.Scoring;

namespace Dynamo.Routing.Modes;

/// <summary>The one with the fewest requests.</summary>
internal sealed class LeastLoadedMode(Random random) : RoutingMode
{
    public override void Score(Assessment assessment) => assessment.Score(RequestCosts.Of(assessment));

    public override int Pick(Assessment assessment, RouteRequest request) => Picker.Pick(assessment.Costs, assessment.Lows.Least, temperature: 0, random);
}
