using Dynamo.Simulation.Configuration;

namespace Dynamo.Simulation.Serving;

/// <summary>Every worker does both prefill and decode.</summary>
internal sealed class Aggregated : IServing
{
    private readonly WorkerPool _pool;

    public Aggregated(SimulationConfig config, PoolParts parts)
    {
        _pool = new WorkerPool(config, config.Router, 0, config.NumWorkers, parts, this);
        Pools = [_pool];
    }

    public IReadOnlyList<WorkerPool> Pools { get; }

    public double NextMoment => double.PositiveInfinity;

    public void Advance(double now)
    {
    }

    public void Arrive(SimulatedRequest request, double now) => _pool.Route(request, now);

    public void OnPlaced(WorkerPool pool, int worker, SimulatedRequest request, double now)
    {
        request.Worker = worker;
        pool.Submit(worker, request, isPrefillOnly: false);
    }

    public void OnToken(WorkerPool pool, int worker, SimulatedRequest request, double now)
    {
        if (request.NumOutputTokens == 1)
        {
            pool.TellFirstToken(request, now);
        }

        if (request.HasLeft)
        {
            pool.Release(worker, request);
        }

        if (request.IsFinished || request.HasLeft)
        {
            pool.TellEnded(request, now);
        }
    }

    public void OnWake(WorkerPool pool, int worker, double now)
    {
    }
}
