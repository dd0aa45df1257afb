using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Dynamo.Routing.Configuration;
using Dynamo.Routing.Filters;
using Dynamo.Routing.Workers;

namespace Dynamo.Routing.Scoring;

/// <summary>Holds a request back from workers that could get it but have enough to do, or no room for it. Several workers at once.</summary>
internal readonly ref struct HoldRule
{
    private readonly ReadOnlySpan<Vector512<int>> _numQueued;
    private readonly ReadOnlySpan<Vector512<int>> _room;
    private readonly int _maxQueued;
    private readonly int _promptBlocks;
    private readonly int _noRoom;

    /// <summary>For one request.</summary>
    /// <param name="workers">The workers.</param>
    /// <param name="maxQueued">See <see cref="HoldOptions.MaxQueued"/>; as many as there may be where nothing is held back.</param>
    /// <param name="promptBlocks">Blocks of its prompt; <see langword="null"/> if it may go where they do not fit beside the others.</param>
    public HoldRule(WorkerColumns workers, int maxQueued, int? promptBlocks)
    {
        _numQueued = workers.NumQueued;
        _room = workers.Room;
        _maxQueued = maxQueued;
        _promptBlocks = promptBlocks ?? 0;
        _noRoom = (int)(promptBlocks is null ? Ineligibility.None : Ineligibility.NoRoom);
    }

    /// <summary>Adds its reasons where there are none.</summary>
    /// <param name="at">Which of the columns' vectors.</param>
    /// <param name="reasons">By worker: <see cref="Ineligibility"/>.</param>
    /// <param name="booked">By worker: blocks of the prompt that its requests hold.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<int> Apply(int at, Vector512<int> reasons, Vector512<int> booked)
    {
        Vector512<int> noRoom = Vector512.Create(_noRoom) & Vector512.GreaterThan(Vector512.Create(_promptBlocks) - booked, _room[at]);
        Vector512<int> isFull = Vector512.GreaterThanOrEqual(_numQueued[at], Vector512.Create(_maxQueued));
        Vector512<int> held = Vector512.ConditionalSelect(isFull, Vector512.Create((int)Ineligibility.QueueFull), noRoom);
        return Vector512.ConditionalSelect(Vector512.Equals(reasons, Vector512<int>.Zero), held, reasons);
    }
}
