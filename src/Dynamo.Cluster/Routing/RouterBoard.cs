using System.Collections.Concurrent;
using System.Collections.Immutable;
using Dynamo.Cluster.Events;

namespace Dynamo.Cluster.Routing;

/// <summary>Where the routers that live in this process show how they are. Thread-safe.</summary>
public sealed class RouterBoard : IRouterBoard, IRouterObserver
{
    private readonly ConcurrentDictionary<string, EventCounts> _counts = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RouterStatus> _routers = new(StringComparer.Ordinal);
    private ImmutableArray<IRouterObserver> _observers = [];

    /// <inheritdoc/>
    public IReadOnlyList<RouterStatus> Routers => [.. _routers.Values];

    /// <inheritdoc/>
    public IReadOnlyList<EventStatus> Events => [.. _counts.Select(static pair => Of(pair.Key, pair.Value))];

    /// <inheritdoc/>
    public void Tell(IRouterObserver observer) => ImmutableInterlocked.Update(ref _observers, static (observers, added) => observers.Add(added), observer);

    /// <inheritdoc/>
    public void OnDecided(string model, in RoutingOutcome outcome)
    {
        foreach (IRouterObserver observer in _observers)
        {
            observer.OnDecided(model, outcome);
        }
    }

    /// <inheritdoc/>
    public void OnAsked(string model, TimeSpan hashing, TimeSpan total)
    {
        foreach (IRouterObserver observer in _observers)
        {
            observer.OnAsked(model, hashing, total);
        }
    }

    /// <inheritdoc/>
    public void OnInexactMove(string model, bool isOtherClass)
    {
        foreach (IRouterObserver observer in _observers)
        {
            observer.OnInexactMove(model, isOtherClass);
        }
    }

    /// <summary>A router has begun here.</summary>
    public void Add(string model, EventCounts counts) => _counts[model] = counts;

    /// <summary>A router has ticked.</summary>
    public void Show(RouterStatus status) => _routers[status.Model] = status;

    /// <summary>A router has ended, unless another has begun since.</summary>
    public void Remove(string model, EventCounts counts)
    {
        if (_counts.TryRemove(KeyValuePair.Create(model, counts)))
        {
            _routers.TryRemove(model, out _);
        }
    }

    private static EventStatus Of(string model, EventCounts counts) =>
        new(model, counts.NumStored, counts.NumRemoved, counts.NumCleared, counts.NumGaps, counts.NumLists, counts.NumMismatched);

    /// <summary>Counts of a model whose router is here, or <see langword="null"/>.</summary>
    public EventCounts? Of(string model) => _counts.GetValueOrDefault(model);
}
