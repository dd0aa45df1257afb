namespace Dynamo.Cluster.Events;

/// <summary>What the listeners of one model have met so far. Written by one thread at a time, read by any.</summary>
public sealed class EventCounts
{
    /// <summary>Applied events that blocks were stored.</summary>
    public long NumStored;

    /// <summary>Applied events that blocks were removed.</summary>
    public long NumRemoved;

    /// <summary>Applied events that all blocks are gone.</summary>
    public long NumCleared;

    /// <summary>Events that came more than once.</summary>
    public long NumDoubles;

    /// <summary>Batches of generations that are over, or not yet in the model's view.</summary>
    public long NumStale;

    /// <summary>Batches of workers that are not, or not yet, in the model's view.</summary>
    public long NumUnknown;

    /// <summary>Messages that could not be read.</summary>
    public long NumUnreadable;

    /// <summary>Gaps in a worker's numbers.</summary>
    public long NumGaps;

    /// <summary>Events beyond the window of a gap, dropped to be asked for.</summary>
    public long NumBeyond;

    /// <summary>Times that a worker was asked for events.</summary>
    public long NumEventAsks;

    /// <summary>Times that a worker's whole list was begun.</summary>
    public long NumLists;

    /// <summary>Questions that were not answered, or are still open after the answer.</summary>
    public long NumFailedAsks;

    /// <summary>Workers now whose load says that they hold blocks and that have told of none.</summary>
    public int NumMismatched;

    /// <summary>Events applied.</summary>
    public long NumApplied => NumStored + NumRemoved + NumCleared;
}
