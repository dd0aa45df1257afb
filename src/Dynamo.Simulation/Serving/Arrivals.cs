using Dynamo.Simulation.Configuration;
using Dynamo.Simulation.Traces;

namespace Dynamo.Simulation.Serving;

/// <summary>The requests of a trace, in the order and at the moments of their coming, and whose clients leave.</summary>
internal sealed class Arrivals
{
    private readonly int? _concurrency;
    private readonly SimulatedRequest[] _requests;
    private int _next;

    public Arrivals(IReadOnlyList<TraceRequest> trace, SimulationConfig config)
    {
        _concurrency = config.Concurrency;
        _requests = new SimulatedRequest[trace.Count];
        Random random = new(config.Seed);
        for (int i = 0; i < trace.Count; i++)
        {
            SimulatedRequest request = new(i, trace[i]) { Arrival = _concurrency is null ? trace[i].ArrivalMilliseconds / config.Speed : double.NaN };
            if (config.CancelRate > 0 && random.NextDouble() < config.CancelRate && trace[i].OutputLength > 1)
            {
                request.LeavesAfter = random.Next(1, trace[i].OutputLength);
            }

            _requests[i] = request;
        }

        if (_concurrency is null)
        {
            Array.Sort(_requests, static (a, b) => (a.Arrival, a.Index).CompareTo((b.Arrival, b.Index)));
        }
    }

    public IReadOnlyList<SimulatedRequest> All => _requests;

    /// <summary>Open loop: when the next one comes. Closed loop: infinite.</summary>
    public double NextMoment => _concurrency is null && _next < _requests.Length ? _requests[_next].Arrival : double.PositiveInfinity;

    /// <summary>Requests of the closed loop that come at its start.</summary>
    public int NumAtStart => Math.Min(_concurrency ?? 0, _requests.Length);

    /// <summary>The next request of the open loop, if it has come.</summary>
    public SimulatedRequest? TryTake(double now) => NextMoment <= now ? _requests[_next++] : null;

    /// <summary>The next request of the closed loop, if there is one; it comes now.</summary>
    public SimulatedRequest? TryFollow(double now)
    {
        if (_concurrency is null || _next == _requests.Length)
        {
            return null;
        }

        SimulatedRequest request = _requests[_next++];
        request.Arrival = now;
        return request;
    }
}
