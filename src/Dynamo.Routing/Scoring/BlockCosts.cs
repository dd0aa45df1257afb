using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Workers;

namespace Dynamo.Routing.Scoring;

/// <summary><see cref="DynamoCost.Total"/>, the same to the bit.</summary>
/// <param name="workers">The workers.</param>
/// <param name="options">Parameters of the cost.</param>
/// <param name="numTokens">Tokens of the prompt.</param>
/// <param name="blockSize">Tokens of a block.</param>
/// <param name="leastPrefillTokens">The least prompt tokens that wait at an eligible worker.</param>
internal readonly ref struct BlockCosts(WorkerColumns workers, DynamoCostOptions options, int numTokens, int blockSize, long leastPrefillTokens) : ICosts
{
    private readonly double _credit = options.OverlapScoreCredit;
    private readonly double _decay = options.TrackPrefillTokens ? options.OverlapScoreCreditDecay : 0;
    private readonly double _scale = options.PrefillLoadScale;
    private readonly double _weight = options.DecodeActiveRequestWeight;
    private readonly double _tracked = options.TrackPrefillTokens ? 1 : 0;
    private readonly double _numTokens = numTokens;
    private readonly double _blockSize = blockSize;

    // A power of two divides as exactly by its inverse, which is quicker; otherwise 0.
    private readonly double _perToken = int.IsPow2(blockSize) ? 1.0 / blockSize : 0;
    private readonly double _requestBlocks = Math.Max(1, numTokens / (double)blockSize);
    private readonly double _least = leastPrefillTokens;
    private readonly double _fullBlocks = numTokens / blockSize;
    private readonly double _reuse = options.AssumeKVReuse ? 1 : 0;
    private readonly ReadOnlySpan<Vector512<double>> _queuedTokens = workers.QueuedTokens;
    private readonly ReadOnlySpan<Vector512<double>> _bookedBlocks = workers.FullBlocks;
    private readonly ReadOnlySpan<Vector512<double>> _numLive = workers.NumLive;

    /// <summary>For one request.</summary>
    public static BlockCosts Of(Assessment assessment) =>
        new(assessment.Columns, assessment.Dynamo, assessment.NumTokens, assessment.BlockSize, assessment.LeastQueued);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> Of(int at, Vector512<double> overlaps, Vector512<double> booked) =>
        TotalOf(_queuedTokens[at], _bookedBlocks[at] + (Vector512.Create(_fullBlocks) - (_reuse * booked)), _numLive[at], overlaps);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector512<double> TotalOf(Vector512<double> queuedTokens, Vector512<double> decode, Vector512<double> numLive, Vector512<double> overlaps)
    {
        Vector512<double> waiting = queuedTokens * _tracked;
        Vector512<double> credit = Vector512.Create(_credit);
        if (_decay > 0)
        {
            credit = _credit * (Vector512<double>.One / (Vector512<double>.One + (_decay * ((waiting - Vector512.Create(_least)) / _blockSize) / _requestBlocks)));
        }

        Vector512<double> tokens = waiting + Vector512.Create(_numTokens);
        Vector512<double> raw = _perToken > 0 ? tokens * _perToken : tokens / _blockSize;
        return (_scale * Vector512.MaxNative(Vector512<double>.Zero, raw - (credit * overlaps))) + decode + (_weight * numLive);
    }
}
