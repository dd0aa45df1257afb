using Dynamo.Protocol.KV;

namespace Dynamo.Worker.Events;

/// <summary>The last events of one engine, in a ring whose memory is bounded by events and by blocks. Thread-safe; every lock is held for a few copies.</summary>
/// <param name="maxEvents">Most events kept.</param>
/// <param name="maxBlocks">Most blocks kept in all of them together (8 bytes each); the newest event stays whatever its size.</param>
internal sealed class KVEventLog(int maxEvents = 4096, int maxBlocks = 65_536)
{
    private readonly Lock _lock = new();
    private readonly KVEvent?[] _ring = new KVEvent?[maxEvents];
    private long _first = 1;
    private long _last;
    private int _numBlocks;

    /// <summary>Number of the newest event; 0 before the first.</summary>
    public long Last
    {
        get
        {
            lock (_lock)
            {
                return _last;
            }
        }
    }

    /// <summary>Adds an event; the oldest leave. Called on the engine thread: it allocates nothing.</summary>
    /// <exception cref="ArgumentException">Its number does not follow the last.</exception>
    public void Append(KVEvent kvEvent)
    {
        lock (_lock)
        {
            if (kvEvent.Number != _last + 1)
            {
                throw new ArgumentException($"Event {kvEvent.Number} came after {_last}.", nameof(kvEvent));
            }

            _last++;
            _numBlocks += kvEvent.Blocks.Length;
            while (_first < _last && (_last - _first >= maxEvents || _numBlocks > maxBlocks))
            {
                ref KVEvent? oldest = ref At(_first++);
                _numBlocks -= oldest!.Blocks.Length;
                oldest = null;
            }

            At(_last) = kvEvent;
        }
    }

    /// <summary>Reads events in order, as many as one batch may have.</summary>
    /// <param name="first">Number of the first.</param>
    /// <param name="events">They are added here; none when <paramref name="first"/> is not there yet.</param>
    /// <returns><see langword="false"/> when the first is no longer here.</returns>
    public bool TryRead(long first, List<KVEvent> events)
    {
        lock (_lock)
        {
            if (first < _first)
            {
                return false;
            }

            int numBlocks = 0;
            for (long number = first; number <= _last && events.Count < EventBatch.MaxEvents && numBlocks < EventBatch.MaxBlocks; number++)
            {
                KVEvent kvEvent = At(number)!;
                numBlocks += kvEvent.Blocks.Length;
                events.Add(kvEvent);
            }

            return true;
        }
    }

    private ref KVEvent? At(long number) => ref _ring[number % maxEvents];
}
