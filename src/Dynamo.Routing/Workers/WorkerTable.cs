using Dynamo.Protocol.Load;
using Dynamo.Routing.Bookings;

namespace Dynamo.Routing.Workers;

/// <summary>The workers, ascending by id, each with a slot of the prefix indexes that is reused when it is gone. Not thread-safe.</summary>
internal sealed class WorkerTable(int blockSize, BookedPrompts booked)
{
    // Beyond it facts are written anew from a later epoch: work that was sent counts e times more with each such span, and e^700 is the last number.
    private const double MaxEpochMilliseconds = 100 * WorkerEntry.RecentMilliseconds;

    // The fleet's speed changes a little with every step; all workers are looked at anew when it is this far from what it was.
    private const double FollowShare = 0.1;

    private readonly int _blockSize = blockSize;
    private readonly BookedPrompts _booked = booked;
    private readonly FleetSpeed _fleet = new();
    private readonly List<WorkerEntry> _workers = [];
    private readonly Dictionary<WorkerId, WorkerEntry> _byId = [];
    private readonly PriorityQueue<int, int> _freeSlots = new();
    private WorkerFacts?[] _facts = [];
    private int[] _slots = [];
    private bool _isInSlotOrder = true;
    private double _epoch;
    private StepSpeed _followed = StepSpeed.Initial;
    private int _looked;

    public int Count => _workers.Count;

    /// <summary>One above the highest slot that was ever in use.</summary>
    public int NumSlots { get; private set; }

    /// <summary>What decisions look at.</summary>
    public WorkerColumns Columns { get; } = new();

    /// <summary>By worker: its slot; empty when that is where it is in the order.</summary>
    public ReadOnlySpan<int> Slots => _isInSlotOrder ? [] : _slots.AsSpan(0, _workers.Count);

    public WorkerEntry this[int index] => _workers[index];

    /// <summary>Index of the first worker with a higher id; <see cref="Count"/> when there is none.</summary>
    public int FirstAfter(WorkerId id)
    {
        int index = Search(id);
        return index >= 0 ? index + 1 : ~index;
    }

    /// <summary>What explanations show of a worker.</summary>
    public WorkerFacts FactsOf(int index) => _facts[index] ??= _workers[index].Facts(Columns.RecentAt(index));

    public WorkerEntry? Find(WorkerId id) => _byId.GetValueOrDefault(id);

    public WorkerEntry GetOrAdd(WorkerId id)
    {
        if (_byId.TryGetValue(id, out WorkerEntry? worker))
        {
            return worker;
        }

        if (!_freeSlots.TryDequeue(out int slot, out _))
        {
            slot = NumSlots++;
        }

        worker = new WorkerEntry(id, slot, _blockSize, _fleet, _booked, this);
        _byId.Add(id, worker);
        int index = ~Search(id);
        _workers.Insert(index, worker);
        Number(index);
        return worker;
    }

    public void Remove(WorkerEntry worker)
    {
        _workers.RemoveAt(worker.Index);
        _byId.Remove(worker.Id);
        _freeSlots.Enqueue(worker.Slot, worker.Slot);
        Number(worker.Index);
    }

    /// <summary>A worker's speed was learnt, and so was the fleet's. With each step another worker is looked at, too, in turn.</summary>
    public void Learnt(WorkerEntry worker, double now)
    {
        if (IsFar(_fleet.Speed, _followed))
        {
            _followed = _fleet.Speed;
            _workers.ForEach(other => Look(other, now));
            return;
        }

        _looked = (_looked + 1) % _workers.Count;
        Look(_workers[_looked], now);
        Look(worker, now);
    }

    private void Look(WorkerEntry worker, double now)
    {
        worker.Look(now);
        Write(worker);
    }

    private static bool IsFar(StepSpeed speed, StepSpeed from) =>
        IsFar(speed.PrefillMilliseconds, from.PrefillMilliseconds)
        || IsFar(speed.DecodeMilliseconds, from.DecodeMilliseconds)
        || IsFar(speed.DecodeMilliseconds + speed.FullDecodeMilliseconds, from.DecodeMilliseconds + from.FullDecodeMilliseconds);

    private static bool IsFar(double value, double from) => Math.Abs(value - from) > FollowShare * from;

    /// <summary>Something of a worker changed.</summary>
    public void Write(WorkerEntry worker)
    {
        _facts[worker.Index] = null;
        Columns.Write(worker.Index, worker, worker.RecentTokens(_epoch));
    }

    /// <summary>The same, and time may have gone far.</summary>
    public void Write(WorkerEntry worker, double now)
    {
        if (now - _epoch > MaxEpochMilliseconds)
        {
            _epoch = now;
            Number(0);
        }

        Write(worker);
    }

    // From this index on workers are where they were not.
    private void Number(int first)
    {
        if (_facts.Length < _workers.Count)
        {
            Array.Resize(ref _facts, 2 * _workers.Count);
            Array.Resize(ref _slots, 2 * _workers.Count);
        }

        Columns.SetCount(_workers.Count);

        for (int i = first; i < _workers.Count; i++)
        {
            _workers[i].Index = i;
            Write(_workers[i]);
            _slots[i] = _workers[i].Slot;
        }

        Columns.Sum();
        _isInSlotOrder = _workers.TrueForAll(static worker => worker.Slot == worker.Index);
    }

    private int Search(WorkerId id)
    {
        int low = 0;
        int high = _workers.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (_workers[middle].Id.Value < id.Value)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low < _workers.Count && _workers[low].Id == id ? low : ~low;
    }
}
