namespace Dynamo.Routing.Holding;

/// <summary>A request that waits at the router.</summary>
internal sealed class HeldRequest(RouteQuery query, double since)
{
    public RouteQuery Query { get; private set; } = query;

    public double Since { get; } = since;

    /// <summary>By slot: full blocks of its prompt that workers had at <see cref="LookedUpAt"/>.</summary>
    public int[] Depths { get; set; } = [];

    public double LookedUpAt { get; set; } = double.NegativeInfinity;

    /// <summary>Its session's worker is gone: any other will do.</summary>
    public void Unbind() => Query = Query.Bound is null ? Query : Query with { Bound = null };
}
