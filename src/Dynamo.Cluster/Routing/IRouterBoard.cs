namespace Dynamo.Cluster.Routing;

/// <summary>The routers in this process. Thread-safe.</summary>
public interface IRouterBoard
{
    /// <summary>How each was at its last tick.</summary>
    IReadOnlyList<RouterStatus> Routers { get; }

    /// <summary>What each has heard of its workers' caches.</summary>
    IReadOnlyList<EventStatus> Events { get; }

    /// <summary>Tells one more observer, from now on.</summary>
    void Tell(IRouterObserver observer);
}
