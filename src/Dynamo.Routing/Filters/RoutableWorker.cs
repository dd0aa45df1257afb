using Dynamo.Protocol.Load;

namespace Dynamo.Routing.Filters;

/// <summary>What the router knows of a worker.</summary>
/// <param name="Id">The worker.</param>
/// <param name="State">Whether it may get requests.</param>
public readonly record struct RoutableWorker(WorkerId Id, WorkerState State);

/// <summary>Whether a worker may get requests.</summary>
public enum WorkerState : byte
{
    /// <summary>It takes requests.</summary>
    Ready,

    /// <summary>It is loading its model.</summary>
    Loading,

    /// <summary>It finishes what it has.</summary>
    Draining,

    /// <summary>It is over.</summary>
    Failed,
}
