namespace Dynamo.Cluster.Routing;

/// <summary>How well the routers in this process hear their workers. Thread-safe.</summary>
public interface IRouterEventStatus
{
    /// <summary>Workers whose load says that they hold cached blocks and that have told of none.</summary>
    int NumMismatchedWorkers { get; }
}
