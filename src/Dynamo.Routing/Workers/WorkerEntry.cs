using System.Runtime.InteropServices;
using Dynamo.Protocol.Load;
using Dynamo.Routing.Costs;
using Dynamo.Routing.Prefixes;

namespace Dynamo.Routing.Workers;

/// <summary>What a router knows of one worker: its size and speed, and what was sent there and is not over. Not thread-safe.</summary>
internal sealed class WorkerEntry(WorkerId id, int slot, int blockSize, SpeedEstimator fleet, IPrefixIndex booked, WorkerTable table)
{
    /// <summary>How long it takes until work that was sent counts for 1/e.</summary>
    public const double RecentMilliseconds = 600_000;

    private readonly SpeedEstimator _speed = new(fleet);
    private readonly IPrefixIndex _booked = booked;
    private readonly WorkerTable _table = table;
    private readonly int _blockSize = blockSize;

    // By key: how many bookings hold the block. Bookings hold whole prompts, so whoever is here has all blocks before it here, too.
    private readonly Dictionary<ulong, int> _holders = [];
    private readonly List<ulong> _changed = [];
    private double _recent;
    private double _recentAt;
    private double _queuedSince;
    private int _usedBlocks;

    public WorkerId Id { get; } = id;

    public int Slot { get; } = slot;

    /// <summary>Where it is in its table.</summary>
    public int Index { get; set; }

    public WorkerState State { get; private set; }

    public WorkerLimits Limits { get; private set; }

    public StepSpeed Speed => _speed.Speed;

    /// <summary>Requests booked here.</summary>
    public int NumLive { get; private set; }

    /// <summary>Of those, the ones whose first token has not been seen, and their tokens to compute.</summary>
    public int NumQueued { get; private set; }

    /// <summary>See <see cref="NumQueued"/>.</summary>
    public long QueuedTokens { get; private set; }

    /// <summary>Blocks of booked prompts, shared ones once.</summary>
    public int BookedBlocks { get; private set; }

    /// <summary>Of those, the ones that are filled in part.</summary>
    public int BookedPartialBlocks { get; private set; }

    /// <summary>Blocks in use: what the worker last said, or what is booked if that is more.</summary>
    public int UsedBlocks => Math.Max(_usedBlocks, BookedBlocks);

    public void Set(WorkerState state, WorkerLimits limits)
    {
        (State, Limits) = (state, limits);
        _table.Write(this);
    }

    public void Report(in StepSample step)
    {
        _usedBlocks = step.UsedBlocks;
        _speed.Learn(step, Limits.MaxBatchedTokens);
        _table.Write(this);
    }

    /// <summary>What decisions look at.</summary>
    /// <param name="epoch">A moment not far from now.</param>
    public WorkerFacts Facts(double epoch) => new()
    {
        Slot = Slot,
        State = State,
        Limits = Limits,
        NumLive = NumLive,
        NumQueued = NumQueued,
        BookedBlocks = BookedBlocks,
        BookedPartialBlocks = BookedPartialBlocks,
        QueuedTokens = QueuedTokens,
        QueuedSince = _queuedSince,
        Recent = RecentTokens(epoch),
        Rate = TimeCost.RateOf(Speed, BookedBlocks, Limits.NumBlocks, Limits.MaxBatchedTokens),
    };

    /// <summary>Tokens to compute that were sent here, fading over ten minutes.</summary>
    private double RecentTokens(double now) => _recent * Math.Exp((_recentAt - now) / RecentMilliseconds);

    /// <summary>Full blocks of a prompt that bookings hold, from the first on.</summary>
    public int BookedDepth(ReadOnlySpan<ulong> prompt)
    {
        int low = 0;
        int high = prompt.Length;
        while (low < high)
        {
            int middle = low == 0 ? 0 : (low + high) / 2;
            if (_holders.ContainsKey(prompt[middle]))
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    public Booking Book(RouteQuery query, int uncachedTokens, double now)
    {
        foreach (ulong block in query.Blocks)
        {
            ref int holders = ref CollectionsMarshal.GetValueRefOrAddDefault(_holders, block, out _);
            if (holders++ == 0)
            {
                _changed.Add(block);
            }
        }

        // New ones follow each other, and the one before them was there.
        int known = query.Blocks.Length - _changed.Count;
        if (_changed.Count > 0)
        {
            _booked.Stored(Slot, known == 0 ? null : query.Blocks[known - 1], CollectionsMarshal.AsSpan(_changed));
        }

        int partial = PartialBlocks(query);
        BookedBlocks += _changed.Count + partial;
        BookedPartialBlocks += partial;
        _changed.Clear();
        _queuedSince = NumQueued == 0 ? now : _queuedSince;
        NumLive++;
        NumQueued++;
        QueuedTokens += uncachedTokens;
        _recent = RecentTokens(now) + uncachedTokens;
        _recentAt = now;
        _table.Write(this, now);
        return new Booking(query, this, uncachedTokens, now);
    }

    /// <summary>Its prompt is computed, or will not be: what is queued behind it is being computed from now on.</summary>
    public void Unqueue(Booking booking, double now)
    {
        if (booking.IsQueued)
        {
            booking.IsQueued = false;
            NumQueued--;
            QueuedTokens -= booking.UncachedTokens;
            _queuedSince = now;
            _table.Write(this);
        }
    }

    /// <summary>It is over, here at least.</summary>
    public void Release(Booking booking, double now)
    {
        Unqueue(booking, now);
        NumLive--;
        ulong[] blocks = booking.Query.Blocks;
        for (int i = blocks.Length - 1; i >= 0; i--)
        {
            ref int holders = ref CollectionsMarshal.GetValueRefOrNullRef(_holders, blocks[i]);
            if (--holders == 0)
            {
                _holders.Remove(blocks[i]);
                _changed.Add(blocks[i]);
            }
        }

        if (_changed.Count > 0)
        {
            _booked.Removed(Slot, CollectionsMarshal.AsSpan(_changed));
        }

        int partial = PartialBlocks(booking.Query);
        BookedBlocks -= _changed.Count + partial;
        BookedPartialBlocks -= partial;
        _changed.Clear();
        _table.Write(this);
    }

    private int PartialBlocks(RouteQuery query) => query.NumTokens > query.Blocks.Length * _blockSize ? 1 : 0;
}
