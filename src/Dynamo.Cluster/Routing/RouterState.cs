using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Models;
using Dynamo.Abstractions.Routing;
using Dynamo.Routing;

namespace Dynamo.Cluster.Routing;

/// <summary>What a router knows and how it decides. Not thread-safe.</summary>
internal sealed class RouterState
{
    private readonly RoundRobinPicker _picker = new();
    private RoutableWorker[] _workers = [];
    private InstanceReport[] _instances = [];
    private Guid _incarnation;
    private long _version;

    /// <summary>Whether it has seen a view at all.</summary>
    public bool HasView => _incarnation != Guid.Empty;

    /// <summary>
    /// Takes a view, unless it is not newer than the last of the same incarnation, or an incomplete one of another where there is a complete one.
    /// </summary>
    /// <returns>Whether it was taken.</returns>
    public bool Update(ModelView view)
    {
        if (view.Incarnation == _incarnation ? view.Version <= _version : HasView && !view.IsComplete)
        {
            return false;
        }

        (_incarnation, _version) = (view.Incarnation, view.Version);
        _instances = [.. view.Instances.OrderBy(static instance => instance.Worker.Value)];
        _workers = [.. _instances.Select(static instance => new RoutableWorker(instance.Worker, StateOf(instance.State)))];
        return true;
    }

    /// <summary>Decides.</summary>
    public RouteDecision Route(RouteRequest request)
    {
        return _picker.Pick(_workers, request.Excluded) is { } index
            ? new RouteDecision { Instance = _instances[index].Key, Worker = _instances[index].Worker, NumInstances = _instances.Length }
            : new RouteDecision { NumInstances = _instances.Length, Reason = Eligibility.Explain(_workers, request.Excluded) };
    }

    private static WorkerState StateOf(InstanceState state) => state switch
    {
        InstanceState.Ready => WorkerState.Ready,
        InstanceState.Draining => WorkerState.Draining,
        InstanceState.Failed => WorkerState.Failed,
        _ => WorkerState.Loading,
    };
}
