using Dynamo.Engine.Scheduling;
using Dynamo.Protocol.Requests;

namespace Dynamo.Engine.Loop;

/// <summary>The sequences that are neither finished nor aborted. Thread-safe; the lock is held for one look-up.</summary>
internal sealed class LiveSequences
{
    private readonly Lock _lock = new();
    private readonly Dictionary<RequestId, Sequence> _byId = [];

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _byId.Count;
            }
        }
    }

    /// <summary>Adds a sequence; an older attempt of it leaves.</summary>
    /// <returns>Accepted, overloaded or duplicate.</returns>
    public SubmitStatus TryAdd(Sequence sequence, int most, out Sequence? replaced)
    {
        lock (_lock)
        {
            replaced = _byId.GetValueOrDefault(sequence.Id);
            if (replaced is not null && replaced.Attempt >= sequence.Attempt)
            {
                return SubmitStatus.Duplicate;
            }

            if (replaced is null && _byId.Count >= most)
            {
                return SubmitStatus.Overloaded;
            }

            _byId[sequence.Id] = sequence;
            return SubmitStatus.Accepted;
        }
    }

    /// <summary>Removes this very sequence.</summary>
    /// <returns>Whether it was still there.</returns>
    public bool Remove(Sequence sequence)
    {
        lock (_lock)
        {
            return _byId.TryGetValue(sequence.Id, out Sequence? found) && found == sequence && _byId.Remove(sequence.Id);
        }
    }

    /// <summary>Removes a sequence in this attempt or an older one.</summary>
    public Sequence? RemoveUpTo(RequestId id, int attempt)
    {
        lock (_lock)
        {
            if (_byId.TryGetValue(id, out Sequence? found) && found.Attempt <= attempt)
            {
                _byId.Remove(id);
                return found;
            }

            return null;
        }
    }

    /// <summary>Removes all.</summary>
    public Sequence[] RemoveAll()
    {
        lock (_lock)
        {
            Sequence[] all = [.. _byId.Values];
            _byId.Clear();
            return all;
        }
    }
}
