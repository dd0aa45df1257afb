using Dynamo.Protocol.Routing;
using Dynamo.Routing.Picking;
using Dynamo.Routing.Scoring;

namespace Dynamo.Routing.Modes;

/// <summary>One after the other.</summary>
internal sealed class RoundRobinMode : RoutingMode
{
    private readonly RoundRobinPicker _turns = new();

    public override void Score(Assessment assessment) => assessment.Score(RequestCosts.None(assessment));

    public override int Pick(Assessment assessment, RouteRequest request) => _turns.Pick(assessment) ?? -1;
}
