using System.Diagnostics;
using Dynamo.Routing.Vectors;

namespace Dynamo.Routing.Scoring;

/// <summary>The few lowest of costs that are added bit by bit. Of equals those that came earlier are better.</summary>
internal ref struct Shortlist
{
    /// <summary>The most that can be kept.</summary>
    public const int MaxKept = 16;

    /// <summary>Length of the memory that it needs.</summary>
    public const int Room = 32;

    private readonly Span<double> _costs;
    private readonly Span<int> _indexes;
    private readonly int _most;
    private int _count = 0;

    /// <summary>Nothing yet.</summary>
    /// <param name="costs">Memory.</param>
    /// <param name="indexes">Memory.</param>
    /// <param name="most">How many are kept, 1 to <see cref="MaxKept"/>.</param>
    public Shortlist(Span<double> costs, Span<int> indexes, int most)
    {
        _costs = costs;
        _indexes = indexes;
        _most = most;
        costs.Fill(double.NaN);
    }

    /// <summary>How many more can be added before the best are kept.</summary>
    public readonly int NumFree => Room - _count;

    /// <summary>What is there; best first once only the best were kept.</summary>
    public readonly ReadOnlySpan<int> Indexes => _indexes[.._count];

    /// <summary>Once only the best were kept: what another must be below to be among them. Infinity while there are fewer.</summary>
    public readonly double Bound => _count < _most ? double.PositiveInfinity : _costs[_most - 1];

    /// <summary>Adds one.</summary>
    /// <param name="index">Its index.</param>
    /// <param name="cost">Not NaN.</param>
    public void Add(int index, double cost)
    {
        Debug.Assert(!double.IsNaN(cost), "NaN has no place.");
        (_indexes[_count], _costs[_count]) = (index, cost);
        _count++;
    }

    /// <summary>Keeps the best, in order.</summary>
    /// <param name="always">Kept in any case if it is there: as the last one where enough others are better.</param>
    public void KeepBest(int always)
    {
        Span<long> ranks = stackalloc long[Room];
        Ranks.Find(_costs[..Ranks.LengthFor(_count)], ranks);
        Span<double> costs = stackalloc double[Room];
        Span<int> indexes = stackalloc int[Room];
        for (int i = 0; i < _count; i++)
        {
            int rank = (int)ranks[i];
            (costs[rank], indexes[rank]) = (_costs[i], _indexes[i]);
        }

        int at = indexes[.._count].IndexOf(always);
        if (at >= _most)
        {
            (costs[_most - 1], indexes[_most - 1]) = (costs[at], indexes[at]);
        }

        _count = Math.Min(_count, _most);
        costs[_count..].Fill(double.NaN);
        costs.CopyTo(_costs);
        indexes.CopyTo(_indexes);
    }
}
