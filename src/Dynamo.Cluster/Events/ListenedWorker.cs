using Dynamo.Abstractions.Instances;

namespace Dynamo.Cluster.Events;

/// <summary>A worker that a router listens to: its stream, the way to ask it, and what is being asked.</summary>
internal sealed class ListenedWorker(InstanceKey instance, WorkerEventStream stream, IWorkerEventSource source)
{
    public InstanceKey Instance => instance;

    public WorkerEventStream Stream => stream;

    public IWorkerEventSource Source => source;

    /// <summary>A question is under way.</summary>
    public bool IsAsking { get; set; }

    /// <summary>The list of this worker's blocks is being read.</summary>
    public bool IsListing { get; set; }

    /// <summary>The worker left the view; answers that still come are of no interest.</summary>
    public bool IsGone { get; set; }

    /// <summary>When the last question failed, or <see langword="null"/>.</summary>
    public long? FailedAt { get; set; }

    /// <summary>When it was last logged that this worker publishes nothing of its blocks.</summary>
    public long? MismatchLoggedAt { get; set; }
}
