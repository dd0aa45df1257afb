using System.Collections.Concurrent;
using Dynamo.Cluster.Events.Listening;

namespace Dynamo.Cluster.Routing;

/// <summary>Counts of the routers that live in this process. Thread-safe.</summary>
internal sealed class RouterEventBoard : IRouterEventStatus
{
    private readonly ConcurrentDictionary<string, EventCounts> _models = new(StringComparer.Ordinal);

    public int NumMismatchedWorkers => _models.Values.Sum(static counts => counts.NumMismatched);

    /// <summary>A router has begun here.</summary>
    public void Add(string model, EventCounts counts) => _models[model] = counts;

    /// <summary>It has ended, unless another has begun since.</summary>
    public void Remove(string model, EventCounts counts) => _models.TryRemove(KeyValuePair.Create(model, counts));

    /// <summary>Counts of a model whose router is here, or <see langword="null"/>.</summary>
    public EventCounts? Of(string model) => _models.GetValueOrDefault(model);
}
