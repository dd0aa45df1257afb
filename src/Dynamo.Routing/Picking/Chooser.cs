using Dynamo.Routing.Configuration;
using Dynamo.Routing.Questions;
using Dynamo.Routing.Scoring;

namespace Dynamo.Routing.Picking;

/// <summary>Chooses a worker among those that an <see cref="Assessment"/> found eligible, as the mode says.</summary>
internal sealed class Chooser(RouterOptions options, Random random)
{
    private readonly RouterOptions _options = options;
    private readonly Random _random = random;
    private readonly RoundRobinPicker _turns = new();

    /// <summary>Fills the costs.</summary>
    public void Compare(Assessment assessment)
    {
        switch (_options.Mode)
        {
            case RouterMode.KV when _options.Cost == RouterCost.Time:
                assessment.CompareTimes();
                break;
            case RouterMode.KV:
                assessment.CompareBlocks();
                break;
            case RouterMode.LeastLoaded or RouterMode.PowerOfTwo:
                assessment.CompareRequests(1);
                break;
            default:
                assessment.CompareRequests(0);
                break;
        }
    }

    /// <summary>Fills the costs and chooses.</summary>
    /// <returns>Index of the worker, or -1 when none is eligible.</returns>
    public int Choose(Assessment assessment, Question query)
    {
        Compare(assessment);
        ReadOnlySpan<double> costs = assessment.Costs;
        double temperature = query.Overrides?.Temperature ?? _options.Temperature;
        return _options.Mode switch
        {
            RouterMode.KV => Picker.Pick(costs, assessment.Lows.Least, temperature, _random),
            RouterMode.RoundRobin => _turns.Pick(assessment) ?? -1,
            RouterMode.PowerOfTwo => Picker.PickOfTwo(costs, _random),
            _ => Picker.Pick(costs, assessment.Lows.Least, 0, _random),
        };
    }
}
