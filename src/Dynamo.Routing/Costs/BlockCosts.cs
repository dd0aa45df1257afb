using System.Numerics;
using Dynamo.Routing.Workers;

namespace Dynamo.Routing.Costs;

/// <summary><see cref="DynamoCost.Total"/> of one request at all workers, the same to the bit, as vectors.</summary>
/// <param name="options">Parameters of the cost.</param>
/// <param name="numTokens">Tokens of the prompt.</param>
/// <param name="blockSize">Tokens of a block.</param>
/// <param name="leastPrefillTokens">The least prompt tokens that wait at an eligible worker.</param>
internal readonly struct BlockCosts(DynamoCostOptions options, int numTokens, int blockSize, long leastPrefillTokens)
{
    private readonly double _credit = options.OverlapScoreCredit;
    private readonly double _decay = options.TrackPrefillTokens ? options.OverlapScoreCreditDecay : 0;
    private readonly double _scale = options.PrefillLoadScale;
    private readonly double _weight = options.DecodeActiveRequestWeight;
    private readonly Vector<double> _tracked = options.TrackPrefillTokens ? Vector<double>.One : Vector<double>.Zero;
    private readonly Vector<double> _numTokens = new(numTokens);
    private readonly Vector<double> _blockSize = new(blockSize);

    // A power of two divides as exactly by its inverse, which is quicker; otherwise 0.
    private readonly double _perToken = int.IsPow2(blockSize) ? 1.0 / blockSize : 0;
    private readonly Vector<double> _requestBlocks = new(Math.Max(1, numTokens / (double)blockSize));
    private readonly Vector<double> _least = new(leastPrefillTokens);
    private readonly Vector<int> _fullBlocks = new(numTokens / blockSize);
    private readonly bool _reuses = options.AssumeKVReuse;

    /// <summary>Fills the totals.</summary>
    /// <param name="totals">By worker.</param>
    /// <param name="workers">The workers.</param>
    /// <param name="overlaps">By worker: blocks of the prompt that it has.</param>
    /// <param name="booked">By worker: blocks of the prompt that its requests hold.</param>
    public void Fill(Span<Vector<double>> totals, WorkerColumns workers, ReadOnlySpan<Vector<int>> overlaps, ReadOnlySpan<Vector<int>> booked)
    {
        ReadOnlySpan<Vector<double>> queuedTokens = workers.QueuedTokens;
        ReadOnlySpan<Vector<double>> fullBlocks = workers.FullBlocks;
        ReadOnlySpan<Vector<double>> numLive = workers.NumLive;
        for (int i = 0; i < overlaps.Length; i++)
        {
            Vector.Widen(overlaps[i], out Vector<long> lowOverlaps, out Vector<long> highOverlaps);
            Vector.Widen(_reuses ? _fullBlocks - booked[i] : _fullBlocks, out Vector<long> lowOwn, out Vector<long> highOwn);
            int at = 2 * i;
            totals[at] = TotalOf(queuedTokens[at], fullBlocks[at] + Vector.ConvertToDouble(lowOwn), numLive[at], Vector.ConvertToDouble(lowOverlaps));
            at++;
            totals[at] = TotalOf(queuedTokens[at], fullBlocks[at] + Vector.ConvertToDouble(highOwn), numLive[at], Vector.ConvertToDouble(highOverlaps));
        }
    }

    private Vector<double> TotalOf(Vector<double> queuedTokens, Vector<double> decode, Vector<double> numLive, Vector<double> overlaps)
    {
        Vector<double> waiting = queuedTokens * _tracked;
        Vector<double> credit = new(_credit);
        if (_decay > 0)
        {
            credit = _credit * (Vector<double>.One / (Vector<double>.One + (_decay * ((waiting - _least) / _blockSize) / _requestBlocks)));
        }

        Vector<double> raw = _perToken > 0 ? (waiting + _numTokens) * _perToken : (waiting + _numTokens) / _blockSize;
        return (_scale * Vector.Max(Vector<double>.Zero, raw - (credit * overlaps))) + decode + (_weight * numLive);
    }
}
