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

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Of(int at, Vector512<double> overlaps, Vector512<double> booked) => _weight * _numLive[at];
}
