using System.Runtime.InteropServices;
using Dynamo.Benchmarks.Prefixes;

namespace Dynamo.Benchmarks.Decisions;

/// <summary>Times of decisions, batch by batch.</summary>
internal sealed class DecisionSamples
{
    private readonly List<long> _route = [];
    private readonly List<long> _after = [];
    private readonly List<double> _medians = [];
    private int _batchStart;
    private long _allocated;

    /// <summary>Adds a decision.</summary>
    /// <param name="route">Ticks to decide and book.</param>
    /// <param name="after">Ticks for a first token and an end.</param>
    public void Add(long route, long after)
    {
        _route.Add(route);
        _after.Add(after);
    }

    /// <summary>Ends a batch in which so many bytes were allocated.</summary>
    public void EndBatch(long allocated)
    {
        _allocated += allocated;
        _medians.Add(Latency.Of(CollectionsMarshal.AsSpan(_route)[_batchStart..].ToArray()).P50);
        _batchStart = _route.Count;
    }

    /// <summary>All of them together; the spread is the lowest and the highest median of a batch.</summary>
    public DecisionFigures Figures() => new(
        Latency.Of(_route.ToArray()),
        Latency.Of(_after.ToArray()),
        _medians.Min(),
        _medians.Max(),
        (double)_allocated / _route.Count);
}

/// <summary>What decisions cost, in nanoseconds and managed bytes.</summary>
/// <param name="Route">To decide and book.</param>
/// <param name="After">For first token and end.</param>
/// <param name="LeastMedian">Of the batches' medians of <paramref name="Route"/>, the lowest.</param>
/// <param name="MostMedian">The highest.</param>
/// <param name="Bytes">Allocated for each decision, first token and end included.</param>
internal sealed record DecisionFigures(Latency Route, Latency After, double LeastMedian, double MostMedian, double Bytes);
