using Dynamo.Routing.Questions;

namespace Dynamo.Routing.Holding;

/// <summary>A request that waits at the router.</summary>
internal sealed class HeldRequest(Question query, double since)
{
    public Question Query { get; private set; } = query;

    public double Since { get; } = since;

    /// <summary>By slot: full blocks of its prompt that workers had at <see cref="LookedUpAt"/>.</summary>
    public int[] Depths { get; set; } = [];

    public double LookedUpAt { get; set; } = double.NegativeInfinity;

    /// <summary>Whether it waits for a worker of the class that made its text so far.</summary>
    public bool WaitsForClass => Query is { NumericsClass: not null, IsClassWaived: false };

    /// <summary>Its session's worker is gone, or the last one of its class: any other will do.</summary>
    public void Unbind() => Query = Query with { Bound = null, IsClassWaived = true };

    /// <summary>It has waited long enough for its class.</summary>
    public void WaiveClass() => Query = Query with { IsClassWaived = true };
}
