using Dynamo.Protocol.Load;
using Dynamo.Routing.Bookings;
using Dynamo.Routing.Filters;
using Dynamo.Routing.Questions;

namespace Dynamo.Routing.Workers;

/// <summary>What a router knows of one worker: its size and speed, and what was sent there and is not over. Not thread-safe.</summary>
internal sealed class WorkerEntry(WorkerId id, int slot, int blockSize, FleetSpeed fleet, BookedPrompts booked, WorkerTable table)
{
    /// <summary>How long it takes until work that was sent counts for 1/e.</summary>
    public const double RecentMilliseconds = 600_000;

    private readonly WorkerSpeed _speed = new(fleet);
    private readonly BookedPrompts _booked = booked;
    private readonly WorkerTable _table = table;
    private readonly int _blockSize = blockSize;

    private double _recent;
    private double _recentAt;
    private int _usedBlocks;

    public WorkerId Id { get; } = id;

    public int Slot { get; } = slot;

    /// <summary>Where it is in its table.</summary>
    public int Index { get; set; }

    public WorkerState State { get; private set; }

    public WorkerLimits Limits { get; private set; }

    /// <summary>How fast it is, as of the last look.</summary>
    public StepSpeed Speed { get; private set; } = fleet.Speed;

    /// <summary>Requests booked here.</summary>
    public int NumLive { get; private set; }

    /// <summary>Of those, the ones whose first token has not been seen, and their tokens to compute.</summary>
    public int NumQueued { get; private set; }

    /// <summary>See <see cref="NumQueued"/>.</summary>
    public long QueuedTokens { get; private set; }

    /// <summary>Since when the first of the queued prompts has been computed.</summary>
    public double QueuedSince { get; private set; }

    /// <summary>Blocks of booked prompts, shared ones once.</summary>
    public int BookedBlocks { get; private set; }

    /// <summary>Of those, the ones that are filled in part.</summary>
    public int BookedPartialBlocks { get; private set; }

    /// <summary>Blocks in use: what the worker last said, or what is booked if that is more.</summary>
    public int UsedBlocks => Math.Max(_usedBlocks, BookedBlocks);

    /// <summary>Whether so many more blocks find room; an idle worker takes any.</summary>
    public bool Fits(int newBlocks) => NumLive == 0 || BookedBlocks + newBlocks <= Limits.NumBlocks;

    public void Set(WorkerState state, WorkerLimits limits)
    {
        (State, Limits) = (state, limits);
        _table.Write(this);
    }

    public void Report(in StepSample step, double now)
    {
        _usedBlocks = step.UsedBlocks;
        _speed.Learn(step, Limits.MaxBatchedTokens, now);
        _table.Learnt(this, now);
    }

    /// <summary>Looks at how fast it is: what all workers show may have changed, and what it showed itself fades.</summary>
    public void Look(double now) => Speed = _speed.At(now);

    /// <summary>What explanations show.</summary>
    /// <param name="recent">See <see cref="WorkerColumns.Recent"/>.</param>
    public WorkerFacts Facts(double recent) => new()
    {
        Id = Id,
        Limits = Limits,
        NumLive = NumLive,
        NumQueued = NumQueued,
        BookedBlocks = BookedBlocks,
        BookedPartialBlocks = BookedPartialBlocks,
        QueuedTokens = QueuedTokens,
        QueuedSince = QueuedSince,
        Recent = recent,
        Speed = Speed,
    };

    /// <summary>Tokens to compute that were sent here, fading over ten minutes.</summary>
    public double RecentTokens(double now) => _recent * Math.Exp((_recentAt - now) / RecentMilliseconds);

    public Booking Book(RouteQuery query, int uncachedTokens, double now)
    {
        int partial = PartialBlocks(query);
        BookedBlocks += _booked.Book(Slot, query.Keys()) + partial;
        BookedPartialBlocks += partial;
        QueuedSince = NumQueued == 0 ? now : QueuedSince;
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
            QueuedSince = now;
            _table.Write(this);
        }
    }

    /// <summary>It is over, here at least.</summary>
    public void Release(Booking booking, double now)
    {
        Unqueue(booking, now);
        NumLive--;
        int partial = PartialBlocks(booking.Query);
        BookedBlocks -= _booked.Release(Slot, booking.Query.Keys()) + partial;
        BookedPartialBlocks -= partial;
        _table.Write(this);
    }

    private int PartialBlocks(RouteQuery query) => query.NumTokens > query.Blocks.Length * _blockSize ? 1 : 0;
}
