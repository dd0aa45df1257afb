using Dynamo.Protocol.Load;
using Dynamo.Routing.Costs;

namespace Dynamo.Routing;

/// <summary>A worker in the eyes of a decision.</summary>
public readonly record struct Candidate
{
    /// <summary>The worker.</summary>
    public required WorkerId Worker { get; init; }

    /// <summary>Why it could not get the request, or <see cref="Ineligibility.None"/>.</summary>
    public required Ineligibility Ineligibility { get; init; }

    /// <summary>What the cost was a function of.</summary>
    public required CostInput Input { get; init; }

    /// <summary>The cost's terms in milliseconds, where that cost was asked for.</summary>
    public TimeCost? Time => Comparison?.Cost == RouterCost.Time ? TimeCost.Of(Input) : null;

    /// <summary>The cost's terms in blocks, where that cost was asked for.</summary>
    public DynamoCost? Dynamo => Comparison is { Cost: RouterCost.Dynamo } asked ? DynamoCost.Of(asked.Dynamo, Input, asked.LeastPrefillTokens) : null;

    /// <summary>How costs came from what they are functions of; <see langword="null"/> where none was asked for.</summary>
    internal Comparison? Comparison { get; init; }
}
