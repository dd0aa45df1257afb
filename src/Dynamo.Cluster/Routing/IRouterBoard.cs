namespace Dynamo.Cluster.Routing;

/// <summary>The routers in this process. Thread-safe.</summary>
public interface IRouterBoard
{
    /// <summary>How each was at its last tick.</summary>
    IReadOnlyList<RouterStatus> Routers { get; }

    /// <summary>Workers whose load says that they hold cached blocks and that have told of none.</summary>
    int NumMismatchedWorkers { get; }

    /// <summary>Tells one more observer, from now on.</summary>
    void Tell(IRouterObserver observer);
}
