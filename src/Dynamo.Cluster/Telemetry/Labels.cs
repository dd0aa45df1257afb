namespace Dynamo.Cluster.Telemetry;

/// <summary>Labels of several instruments, as Dynamo calls them.</summary>
public static class Labels
{
    /// <summary>Name of a model.</summary>
    public const string Model = "model";

    /// <summary>Id of a worker, as answers and <c>/admin/workers</c> say it.</summary>
    public const string WorkerId = "worker_id";

    /// <summary>What workers do with a request: all do all of it.</summary>
    public const string WorkerType = "worker_type";

    /// <summary>Which of a worker's ranks.</summary>
    public const string DataParallelRank = "dp_rank";

    /// <summary>The class of requests that a queue is for.</summary>
    public const string PolicyClass = "policy_class";

    /// <summary>A label with the name of a model.</summary>
    public static KeyValuePair<string, object?> Of(string model) => new(Model, model);
}
