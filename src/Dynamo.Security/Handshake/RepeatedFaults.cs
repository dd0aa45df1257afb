namespace Dynamo.Security.Handshake;

/// <summary>Keeps strangers from filling the log: the first fault of each kind is said, then one per interval with the number left out. Thread-safe.</summary>
public sealed class RepeatedFaults(TimeProvider time)
{
    /// <summary>Between two lines about the same fault.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Kinds remembered; with more, all are forgotten and said again.</summary>
    public const int MaxKinds = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = [];

    /// <summary>Counts a fault.</summary>
    /// <param name="kind">What makes it the same as another one.</param>
    /// <param name="numOmitted">How many of the kind were not said since the last that was.</param>
    /// <returns>Whether to say it.</returns>
    public bool Count(string kind, out int numOmitted)
    {
        lock (_lock)
        {
            numOmitted = 0;
            if (_entries.TryGetValue(kind, out Entry entry))
            {
                if (time.GetElapsedTime(entry.Said) < Interval)
                {
                    _entries[kind] = entry with { NumOmitted = entry.NumOmitted + 1 };
                    return false;
                }

                numOmitted = entry.NumOmitted;
            }
            else if (_entries.Count == MaxKinds)
            {
                _entries.Clear();
            }

            _entries[kind] = new Entry(time.GetTimestamp(), 0);
            return true;
        }
    }

    private readonly record struct Entry(long Said, int NumOmitted);
}
