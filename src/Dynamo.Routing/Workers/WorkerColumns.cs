using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Dynamo.Routing.Filters;
using Dynamo.Routing.Vectors;

namespace Dynamo.Routing.Workers;

/// <summary>
/// What every decision looks at in every worker, one column for each thing, so that a pass is one over vectors. Columns reach beyond the last worker
/// to a whole vector; there nobody is eligible. Not thread-safe.
/// </summary>
internal sealed class WorkerColumns
{
    private AlignedArray<int> _reasons;
    private AlignedArray<int> _numQueued;
    private AlignedArray<int> _room;
    private AlignedArray<double> _rate;
    private AlignedArray<double> _step;
    private AlignedArray<double> _queuedTokens;
    private AlignedArray<double> _queuedSince;
    private AlignedArray<double> _recent;
    private AlignedArray<double> _fullBlocks;
    private AlignedArray<double> _numLive;

    /// <summary>Elements of a column.</summary>
    public int Length { get; private set; }

    /// <summary><see cref="Ineligibility"/> for its state.</summary>
    public ReadOnlySpan<int> Reasons => _reasons.Span[..Length];

    /// <inheritdoc cref="WorkerEntry.NumQueued"/>
    public ReadOnlySpan<Vector512<int>> NumQueued => Vectors(_numQueued);

    /// <summary>Blocks that another prompt may add; an idle worker takes any.</summary>
    public ReadOnlySpan<Vector512<int>> Room => Vectors(_room);

    /// <summary>Milliseconds for a prompt token.</summary>
    public ReadOnlySpan<Vector512<double>> Rate => Vectors(_rate);

    /// <summary>Milliseconds until the step that runs is over.</summary>
    public ReadOnlySpan<Vector512<double>> Step => Vectors(_step);

    /// <inheritdoc cref="WorkerEntry.QueuedTokens"/>
    public ReadOnlySpan<Vector512<double>> QueuedTokens => Vectors(_queuedTokens);

    /// <summary>See <see cref="WorkerEntry.QueuedSince"/>; long ago where nothing is queued.</summary>
    public ReadOnlySpan<Vector512<double>> QueuedSince => Vectors(_queuedSince);

    /// <summary>Tokens to compute that were sent there lately, not faded but in the unit of the table's epoch: comparable among workers at any moment.</summary>
    public ReadOnlySpan<Vector512<double>> Recent => Vectors(_recent);

    /// <summary>The sum of <see cref="Recent"/>.</summary>
    public double SumRecent { get; private set; }

    /// <summary>A worker's <see cref="Recent"/>.</summary>
    public double RecentAt(int index) => _recent.Span[index];

    /// <summary>Booked blocks that are filled.</summary>
    public ReadOnlySpan<Vector512<double>> FullBlocks => Vectors(_fullBlocks);

    /// <inheritdoc cref="WorkerEntry.NumLive"/>
    public ReadOnlySpan<Vector512<double>> NumLive => Vectors(_numLive);

    /// <summary>Elements of a column for so many workers.</summary>
    public static int LengthFor(int numWorkers) => (numWorkers + Vector512<int>.Count - 1) / Vector512<int>.Count * Vector512<int>.Count;

    /// <summary>There are so many workers now.</summary>
    public void SetCount(int numWorkers)
    {
        Length = LengthFor(numWorkers);
        if (_reasons.Length < Length)
        {
            int size = LengthFor(2 * Length);
            Resize(ref _reasons, size);
            Resize(ref _numQueued, size);
            Resize(ref _room, size);
            Resize(ref _rate, size);
            Resize(ref _step, size);
            Resize(ref _queuedTokens, size);
            Resize(ref _queuedSince, size);
            Resize(ref _recent, size);
            Resize(ref _fullBlocks, size);
            Resize(ref _numLive, size);
        }

        _reasons.Span[numWorkers..Length].Fill((int)Ineligibility.Failed);
        _recent.Span[numWorkers..Length].Clear();
    }

    /// <summary>Writes a worker.</summary>
    /// <param name="index">Where.</param>
    /// <param name="worker">The worker.</param>
    /// <param name="recent">See <see cref="Recent"/>.</param>
    public void Write(int index, WorkerEntry worker, double recent)
    {
        double decode = worker.Speed.DecodeAt(worker.BookedBlocks, worker.Limits.NumBlocks);
        _reasons.Span[index] = (int)Eligibility.Of(worker.State);
        _numQueued.Span[index] = worker.NumQueued;
        _room.Span[index] = worker.NumLive == 0 ? int.MaxValue : worker.Limits.NumBlocks - worker.BookedBlocks;
        _rate.Span[index] = worker.Speed.RateAt(decode, worker.Limits.MaxBatchedTokens);
        _step.Span[index] = StepSpeed.RestOf(decode, worker.NumLive - worker.NumQueued);
        _queuedTokens.Span[index] = worker.QueuedTokens;
        _queuedSince.Span[index] = worker.NumQueued == 0 ? double.NegativeInfinity : worker.QueuedSince;
        SumRecent += recent - _recent.Span[index];
        _recent.Span[index] = recent;
        _fullBlocks.Span[index] = worker.BookedBlocks - worker.BookedPartialBlocks;
        _numLive.Span[index] = worker.NumLive;
    }

    /// <summary>Adds <see cref="Recent"/> up anew: what writes added to the sum is rounded.</summary>
    public void Sum()
    {
        SumRecent = 0;
        foreach (double recent in _recent.Span[..Length])
        {
            SumRecent += recent;
        }
    }

    private ReadOnlySpan<Vector512<T>> Vectors<T>(AlignedArray<T> column)
        where T : unmanaged => MemoryMarshal.Cast<T, Vector512<T>>(column.Span[..Length]);

    private static void Resize<T>(ref AlignedArray<T> column, int size)
        where T : unmanaged
    {
        AlignedArray<T> larger = new(size);
        column.Span.CopyTo(larger.Span);
        column = larger;
    }
}
