using Dynamo.Abstractions.Models;
using Dynamo.Abstractions.Serving;
using Orleans.Concurrency;

namespace Dynamo.Abstractions.Routing;

/// <summary>Decides for one model (key: its name) which instance gets a sequence. Its state is soft: a lost router asks again.</summary>
[Alias("dynamo.IRouterGrain")]
public interface IRouterGrain : IGrainWithStringKey
{
    /// <summary>Takes the deployment's newest view; older ones are ignored.</summary>
    [Alias("Update")]
    Task UpdateAsync(ModelView view);

    /// <summary>Decides. Never waits for a worker.</summary>
    [Alias("Route")]
    Task<RouteDecision> RouteAsync(RouteRequest request);

    /// <summary>Takes what a worker tells of its cache and its load, when NATS does not carry it. A worker has one such call under way at a time.</summary>
    /// <param name="batch">A <see cref="Protocol.KV.EventBatch"/> in wire form.</param>
    /// <remarks>Interleaves: it waits for nothing, and must not wait behind a decision that does.</remarks>
    [Alias("TakeEvents"), AlwaysInterleave]
    Task TakeEventsAsync(WireMessage batch);

    /// <summary>What this router knows of each worker's cache.</summary>
    /// <remarks>Interleaves: it only reads.</remarks>
    [Alias("GetCaches"), AlwaysInterleave]
    Task<WorkerCacheView[]> GetCachesAsync();
}
