using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Models;
using Dynamo.Protocol.Load;
using Dynamo.Routing.Filters;

namespace Dynamo.Cluster.Routing;

/// <summary>A model's instances as its grain last told. Not thread-safe.</summary>
public sealed class InstanceView
{
    private Guid _incarnation;
    private long _version;

    /// <summary>Whether anything was told at all.</summary>
    public bool IsKnown => _incarnation != Guid.Empty;

    /// <summary>The instances, ascending by worker.</summary>
    public InstanceReport[] Instances { get; private set; } = [];

    /// <summary>
    /// Takes a view, unless it is not newer than the last of the same incarnation, or an incomplete one of another where there is a complete one.
    /// </summary>
    /// <returns>Whether it was taken.</returns>
    public bool Update(ModelView view)
    {
        if (view.Incarnation == _incarnation ? view.Version <= _version : IsKnown && !view.IsComplete)
        {
            return false;
        }

        (_incarnation, _version) = (view.Incarnation, view.Version);
        Instances = [.. view.Instances.OrderBy(static instance => instance.Worker.Value)];
        return true;
    }

    /// <summary>The instance of a worker.</summary>
    public InstanceReport? Find(WorkerId worker)
    {
        int low = 0;
        int high = Instances.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (Instances[middle].Worker.Value < worker.Value)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low < Instances.Length && Instances[low].Worker == worker ? Instances[low] : null;
    }

    /// <summary>Whether an instance may get requests.</summary>
    public static WorkerState StateOf(InstanceReport instance) => instance.State switch
    {
        InstanceState.Ready => WorkerState.Ready,
        InstanceState.Draining => WorkerState.Draining,
        InstanceState.Failed => WorkerState.Failed,
        _ => WorkerState.Loading,
    };
}
