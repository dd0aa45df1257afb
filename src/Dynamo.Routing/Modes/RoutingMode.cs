using Dynamo.Protocol.Routing;
using Dynamo.Routing.Scoring;

namespace Dynamo.Routing.Modes;

/// <summary>
/// How a worker is chosen among those that may get a request: a score for each, then one of them. A mode is one class and one line in
/// <see cref="RoutingModes"/>. Not thread-safe; one for each router.
/// </summary>
internal abstract class RoutingMode
{
    /// <summary>Whether requests may wait at the router while every worker has enough to do.</summary>
    public virtual bool Holds => false;

    /// <summary>Whether decisions are explained by the terms of <see cref="Configuration.RouterOptions.Cost"/>.</summary>
    public virtual bool HasCost => false;

    /// <summary>What a request lacks that this mode needs, for people; <see langword="null"/> when it has all.</summary>
    public virtual string? FaultOf(RouteRequest request) => null;

    /// <summary>Scores all workers by one <see cref="Assessment.Score"/>: the lower the better.</summary>
    public abstract void Score(Assessment assessment);

    /// <summary>Picks by the scores.</summary>
    /// <returns>Index of the worker, or -1 when none may get it.</returns>
    public abstract int Pick(Assessment assessment, RouteRequest request);
}
