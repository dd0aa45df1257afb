using System.Numerics;
using System.Runtime.InteropServices;

namespace Dynamo.Routing.Workers;

/// <summary>
/// What every decision looks at in every worker, one column for each thing, so that a pass is one over vectors. Columns reach beyond the last worker
/// to a whole vector; there nobody is eligible. Not thread-safe.
/// </summary>
internal sealed class WorkerColumns
{
    private int[] _reasons = [];
    private int[] _numQueued = [];
    private int[] _room = [];
    private double[] _rate = [];
    private double[] _step = [];
    private double[] _queuedTokens = [];
    private double[] _queuedSince = [];
    private double[] _recent = [];
    private double[] _fullBlocks = [];
    private double[] _numLive = [];

    /// <summary>Elements of a column.</summary>
    public int Length { get; private set; }

    /// <summary><see cref="Ineligibility"/> for its state.</summary>
    public ReadOnlySpan<int> Reasons => _reasons.AsSpan(0, Length);

    /// <inheritdoc cref="WorkerFacts.NumQueued"/>
    public ReadOnlySpan<Vector<int>> NumQueued => Vectors(_numQueued);

    /// <summary>Blocks that another prompt may add; an idle worker takes any.</summary>
    public ReadOnlySpan<Vector<int>> Room => Vectors(_room);

    /// <inheritdoc cref="WorkerFacts.Rate"/>
    public ReadOnlySpan<Vector<double>> Rate => Vectors(_rate);

    /// <inheritdoc cref="WorkerFacts.Step"/>
    public ReadOnlySpan<Vector<double>> Step => Vectors(_step);

    /// <inheritdoc cref="WorkerFacts.QueuedTokens"/>
    public ReadOnlySpan<Vector<double>> QueuedTokens => Vectors(_queuedTokens);

    /// <summary>See <see cref="WorkerFacts.QueuedSince"/>; long ago where nothing is queued.</summary>
    public ReadOnlySpan<Vector<double>> QueuedSince => Vectors(_queuedSince);

    /// <inheritdoc cref="WorkerFacts.Recent"/>
    public ReadOnlySpan<Vector<double>> Recent => Vectors(_recent);

    /// <summary>Booked blocks that are filled.</summary>
    public ReadOnlySpan<Vector<double>> FullBlocks => Vectors(_fullBlocks);

    /// <inheritdoc cref="WorkerFacts.NumLive"/>
    public ReadOnlySpan<Vector<double>> NumLive => Vectors(_numLive);

    /// <summary>Elements of a column for so many workers.</summary>
    public static int LengthFor(int numWorkers) => (numWorkers + Vector<int>.Count - 1) / Vector<int>.Count * Vector<int>.Count;

    /// <summary>There are so many workers now.</summary>
    public void SetCount(int numWorkers)
    {
        Length = LengthFor(numWorkers);
        if (_reasons.Length < Length)
        {
            int size = LengthFor(2 * Length);
            Array.Resize(ref _reasons, size);
            Array.Resize(ref _numQueued, size);
            Array.Resize(ref _room, size);
            Array.Resize(ref _rate, size);
            Array.Resize(ref _step, size);
            Array.Resize(ref _queuedTokens, size);
            Array.Resize(ref _queuedSince, size);
            Array.Resize(ref _recent, size);
            Array.Resize(ref _fullBlocks, size);
            Array.Resize(ref _numLive, size);
        }

        _reasons.AsSpan(numWorkers..Length).Fill((int)Ineligibility.Failed);
        _recent.AsSpan(numWorkers..Length).Clear();
    }

    /// <summary>Writes a worker.</summary>
    public void Write(int index, in WorkerFacts worker)
    {
        _reasons[index] = (int)Eligibility.Of(worker.State);
        _numQueued[index] = worker.NumQueued;
        _room[index] = worker.NumLive == 0 ? int.MaxValue : worker.Limits.NumBlocks - worker.BookedBlocks;
        _rate[index] = worker.Rate;
        _step[index] = worker.Step;
        _queuedTokens[index] = worker.QueuedTokens;
        _queuedSince[index] = worker.NumQueued == 0 ? double.NegativeInfinity : worker.QueuedSince;
        _recent[index] = worker.Recent;
        _fullBlocks[index] = worker.BookedBlocks - worker.BookedPartialBlocks;
        _numLive[index] = worker.NumLive;
    }

    /// <summary>The sum of <see cref="Recent"/>.</summary>
    public double SumRecent()
    {
        // In two chains, for each addition waits for the one before; a column has an even number of vectors.
        ReadOnlySpan<Vector<double>> recent = Recent;
        Vector<double> even = Vector<double>.Zero;
        Vector<double> odd = Vector<double>.Zero;
        for (int i = 0; i + 1 < recent.Length; i += 2)
        {
            even += recent[i];
            odd += recent[i + 1];
        }

        return Vector.Sum(even + odd);
    }

    private ReadOnlySpan<Vector<T>> Vectors<T>(T[] column)
        where T : struct => MemoryMarshal.Cast<T, Vector<T>>(column.AsSpan(0, Length));
}
