using Dynamo.Protocol.Routing;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Picking;
using Dynamo.Routing.Scoring;

namespace Dynamo.Routing.Modes;

/// <summary>The lowest cost of prefixes held and load; with a temperature, drawn.</summary>
internal sealed class KVMode(RouterOptions options, Random random) : RoutingMode
{
    public override bool Holds => true;

    public override bool HasCost => true;

    public override void Score(Assessment assessment)
    {
        if (options.Cost == RouterCost.Time)
        {
            assessment.Score(TimeCosts.Of(assessment));
        }
        else
        {
            assessment.Score(BlockCosts.Of(assessment));
        }
    }

    public override int Pick(Assessment assessment, RouteRequest request) =>
        Picker.Pick(assessment.Costs, assessment.Lows.Least, request.Overrides?.Temperature ?? options.Temperature, random);
}
