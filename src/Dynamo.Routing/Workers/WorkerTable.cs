using Dynamo.Protocol.Load;
using Dynamo.Routing.Prefixes;

namespace Dynamo.Routing.Workers;

/// <summary>The workers, ascending by id, each with a slot of the prefix indexes that is reused when it is gone. Not thread-safe.</summary>
internal sealed class WorkerTable(int blockSize, IPrefixIndex booked)
{
    private readonly int _blockSize = blockSize;
    private readonly IPrefixIndex _booked = booked;
    private readonly SpeedEstimator _fleet = new(null);
    private readonly List<WorkerEntry> _workers = [];
    private readonly Dictionary<WorkerId, WorkerEntry> _byId = [];
    private readonly PriorityQueue<int, int> _freeSlots = new();

    public int Count => _workers.Count;

    /// <summary>One above the highest slot that was ever in use.</summary>
    public int NumSlots { get; private set; }

    public WorkerEntry this[int index] => _workers[index];

    public WorkerEntry? Find(WorkerId id) => _byId.GetValueOrDefault(id);

    public int IndexOf(WorkerEntry worker) => Search(worker.Id);

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

        worker = new WorkerEntry(id, slot, _blockSize, _fleet, _booked);
        _byId.Add(id, worker);
        _workers.Insert(~Search(id), worker);
        return worker;
    }

    public void Remove(WorkerEntry worker)
    {
        _workers.RemoveAt(Search(worker.Id));
        _byId.Remove(worker.Id);
        _freeSlots.Enqueue(worker.Slot, worker.Slot);
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
