using Dynamo.Protocol.Routing;
using Dynamo.Routing.Picking;
using Dynamo.Routing.Scoring;

namespace Dynamo.Routing.Modes;

/// <summary>Any.</summary>
internal sealed class RandomMode(Random random) : RoutingMode
{
    public override void Score(Assessment assessment) => assessment.Score(RequestCosts.None(assessment));

    public override int Pick(Assessment assessment, RouteRequest request) => Picker.Pick(assessment.Costs, assessment.Lows.Least, temperature: 0, random);
}
