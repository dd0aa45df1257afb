using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Dynamo.Routing.Workers;

namespace Dynamo.Routing.Scoring;

/// <summary>How many requests are at a worker, or nothing.</summary>
/// <param name="workers">The workers.</param>
/// <param name="weight">What a request counts.</param>
internal readonly ref struct RequestCosts(WorkerColumns workers, double weight) : ICosts
{
    private readonly ReadOnlySpan<Vector512<double>> _numLive = workers.NumLive;
    private readonly double _weight = weight;

    /// <summary>Each request counts one.</summary>
    public static RequestCosts Of(Assessment assessment) => new(assessment.Columns, weight: 1);

    /// <summary>All workers are alike.</summary>
    public static RequestCosts None(Assessment assessment) => new(assessment.Columns, weight: 0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Of(int at, Vector512<double> overlaps, Vector512<double> booked) => _weight * _numLive[at];
}
