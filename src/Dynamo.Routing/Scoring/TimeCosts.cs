using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Dynamo.Routing.Workers;

namespace Dynamo.Routing.Scoring;

/// <summary><see cref="TimeCost.Total"/>, the same to the bit.</summary>
/// <param name="workers">The workers.</param>
/// <param name="numTokens">Tokens of the prompt.</param>
/// <param name="blockSize">Tokens of a block.</param>
/// <param name="now">The moment.</param>
/// <param name="perMeanRecent">The inverse of what workers got lately on average; 0 when that was nothing.</param>
internal readonly ref struct TimeCosts(WorkerColumns workers, int numTokens, int blockSize, double now, double perMeanRecent) : ICosts
{
    private readonly ReadOnlySpan<Vector512<double>> _rates = workers.Rate;
    private readonly ReadOnlySpan<Vector512<double>> _queuedTokens = workers.QueuedTokens;
    private readonly ReadOnlySpan<Vector512<double>> _queuedSince = workers.QueuedSince;
    private readonly ReadOnlySpan<Vector512<double>> _steps = workers.Step;
    private readonly ReadOnlySpan<Vector512<double>> _recents = workers.Recent;
    private readonly double _numTokens = numTokens;
    private readonly double _blockSize = blockSize;
    private readonly double _now = now;
    private readonly double _perMeanRecent = perMeanRecent;

    /// <summary>For one request.</summary>
    public static TimeCosts Of(Assessment assessment) =>
        new(assessment.Columns, assessment.NumTokens, assessment.BlockSize, assessment.Now, assessment.PerMeanRecent);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Of(int at, Vector512<double> overlaps, Vector512<double> booked)
    {
        Vector512<double> uncached = Vector512.MaxNative(Vector512<double>.One, Vector512.Create(_numTokens) - (overlaps * _blockSize));
        return TimeCost.TotalOf(_rates[at], _queuedTokens[at], Vector512.Create(_now) - _queuedSince[at], _steps[at], uncached, _recents[at] * _perMeanRecent);
    }
}
