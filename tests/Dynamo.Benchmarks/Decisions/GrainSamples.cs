using Dynamo.Benchmarks.Prefixes;

namespace Dynamo.Benchmarks.Decisions;

/// <summary>Ticks of calls.</summary>
internal sealed class GrainSamples
{
    private readonly List<long> _empty = [];
    private readonly List<long> _route = [];
    private readonly List<long> _tell = [];

    /// <summary>Adds three calls.</summary>
    public void Add(long empty, long route, long tell)
    {
        _empty.Add(empty);
        _route.Add(route);
        _tell.Add(tell);
    }

    /// <summary>An empty call, a decision, news.</summary>
    public (Latency Empty, Latency Route, Latency Tell) Figures() => (Latency.Of(_empty.ToArray()), Latency.Of(_route.ToArray()), Latency.Of(_tell.ToArray()));
}
