using Dynamo.Protocol.Routing;
using Dynamo.Routing.Picking;
using Dynamo.Routing.Scoring;

namespace Dynamo.Routing.Modes;

/// <summary>Of two drawn at random, the one with fewer requests.</summary>
internal sealed class PowerOfTwoMode(Random random) : RoutingMode
{
    public override void Score(Assessment assessment) => assessment.Score(RequestCosts.Of(assessment));

    public override int Pick(Assessment assessment, RouteRequest request) => Picker.PickOfTwo(assessment.Costs, random);
}
