using System.Collections.Concurrent;
using Dynamo.Abstractions.Models;
using Dynamo.Cluster.Routing;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Routing;
using Dynamo.Routing.Filters;
using Dynamo.Routing.Picking;

namespace Dynamo.Serving.Catalog;

/// <summary>Routes by turns among the workers of this frontend's last view of a model, for when the router's grain does not answer in time. Thread-safe.</summary>
internal sealed class LocalRouter
{
    private readonly ConcurrentDictionary<string, Turns> _models = new(StringComparer.Ordinal);

    /// <summary>Takes a view.</summary>
    public void Update(ModelView view)
    {
        Turns turns = _models.GetOrAdd(view.Model, static _ => new Turns());
        lock (turns)
        {
            turns.Update(view);
        }
    }

    /// <summary>Instances of a model that this frontend knows.</summary>
    public int NumInstances(string model) => _models.TryGetValue(model, out Turns? turns) ? turns.NumInstances : 0;

    /// <summary>Decides, or <see langword="null"/> when nothing is known of the model.</summary>
    public RouteDecision? Route(string model, RouteRequest request)
    {
        if (!_models.TryGetValue(model, out Turns? turns))
        {
            return null;
        }

        lock (turns)
        {
            return turns.Route(request);
        }
    }

    private sealed class Turns
    {
        private readonly InstanceView _view = new();
        private readonly RoundRobinPicker _picker = new();
        private volatile RoutableWorker[] _workers = [];

        public int NumInstances => _workers.Length;

        public void Update(ModelView view)
        {
            if (_view.Update(view))
            {
                _workers = [.. _view.Instances.Select(static instance => new RoutableWorker(instance.Worker, InstanceView.StateOf(instance)))];
            }
        }

        public RouteDecision Route(RouteRequest request)
        {
            int? index = request.Pinned is { } pinned
                ? PinnedIndex(pinned, request.Excluded)
                : IndexInClass(request) ?? _picker.Pick(_workers, request.Excluded);
            return index is { } chosen
                ? new RouteDecision
                {
                    Status = RouteStatus.Routed,
                    Instance = _view.Instances[chosen].Key.ToString(),
                    Worker = _workers[chosen].Id,
                    NumericsClass = _view.Instances[chosen].Limits?.NumericsClass,
                    NumWorkers = _workers.Length,
                }
                : new RouteDecision { Status = RouteStatus.Unavailable, NumWorkers = _workers.Length, Reason = Eligibility.Explain(_workers, request.Excluded) };
        }

        // A turn among those that round as the text so far was rounded.
        private int? IndexInClass(RouteRequest request) => request.NumericsClass is { } preferred
            ? _picker.Pick(
                _workers,
                [.. request.Excluded, .. _view.Instances.Where(instance => instance.Limits?.NumericsClass != preferred).Select(static instance => instance.Worker)])
            : null;

        private int? PinnedIndex(WorkerId pinned, WorkerId[] excluded)
        {
            int index = Array.FindIndex(_workers, worker => worker.Id == pinned);
            return index >= 0 && Eligibility.Of(_workers[index], excluded) == Ineligibility.None ? index : null;
        }
    }
}
