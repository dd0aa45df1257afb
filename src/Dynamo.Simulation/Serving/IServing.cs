using Dynamo.Simulation.Configuration;

namespace Dynamo.Simulation.Serving;

/// <summary>How a request goes through pools of workers.</summary>
internal interface IServing
{
    /// <summary>The pools, in the order of their workers.</summary>
    IReadOnlyList<WorkerPool> Pools { get; }

    /// <summary>When the next thing happens that is no pool's; infinite if nothing.</summary>
    double NextMoment { get; }

    /// <summary>Does what is due and no pool's.</summary>
    void Advance(double now);

    /// <summary>A request comes.</summary>
    void Arrive(SimulatedRequest request, double now);

    /// <summary>A router gave a request to one of its workers.</summary>
    void OnPlaced(WorkerPool pool, int worker, SimulatedRequest request, double now);

    /// <summary>A request has a new token from a worker.</summary>
    void OnToken(WorkerPool pool, int worker, SimulatedRequest request, double now);

    /// <summary>A worker is about to begin a step, if it has something to do.</summary>
    void OnWake(WorkerPool pool, int worker, double now);
}
