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
    public TimeCost? Time { get; init; }

    /// <summary>The cost's terms in blocks, where that cost was asked for.</summary>
    public DynamoCost? Dynamo { get; init; }
}
