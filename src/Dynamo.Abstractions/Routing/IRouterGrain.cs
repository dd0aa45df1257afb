using Dynamo.Abstractions.Models;
using Dynamo.Abstractions.Serving;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Routing;
using Orleans.Concurrency;

namespace Dynamo.Abstractions.Routing;

/// <summary>Decides for one model (key: its name) which instance gets a sequence. Its state is soft: a lost router asks again.</summary>
[Alias("dynamo.IRouterGrain")]
public interface IRouterGrain : IGrainWithStringKey
{
    /// <summary>Accepts the deployment's newest view; older views are ignored.</summary>
    [Alias("Update")]
    Task UpdateAsync(ModelView view);

    /// <summary>Decides, and books the request where it goes or holds it. Never waits for a worker.</summary>
    [Alias("Route")]
    Task<RouteDecision> RouteAsync(RouteRequest request);

    /// <summary>Waits for the decision about a held request; a held request without a waiting caller is given up.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">The caller has left: the request is given up at once.</param>
    /// <returns>The decision; that it is still held, after some seconds: wait again; <see langword="null"/> when this router knows nothing of it: route it anew.</returns>
    /// <remarks>Interleaves: others are routed meanwhile.</remarks>
    [Alias("Wait"), AlwaysInterleave]
    Task<RouteDecision?> WaitAsync(RequestId request, CancellationToken cancellationToken);

    /// <summary>Accepts what a frontend saw of its sequences. Events that are lost are made up for by the workers' reports.</summary>
    /// <remarks>Interleaves: it waits for nothing.</remarks>
    [Alias("Tell"), AlwaysInterleave]
    Task NotifyAsync(SequenceEvent[] events);

    /// <summary>Explains the newest decisions: each worker that was looked at, with every term of its cost.</summary>
    /// <param name="request">A sequence's or a response's name, or <see langword="null"/> for all.</param>
    /// <param name="limit">At most so many.</param>
    /// <returns>A JSON array, newest first.</returns>
    /// <remarks>Interleaves: it only reads.</remarks>
    [Alias("Explain"), AlwaysInterleave]
    Task<string> ExplainAsync(string? request, int limit);

    /// <summary>Accepts a worker's KV events and its load, when NATS does not carry them. A worker has one such call under way at a time.</summary>
    /// <param name="batch">A <see cref="Protocol.KV.EventBatch"/> in wire form.</param>
    /// <remarks>Interleaves: it waits for nothing, and must not wait behind a decision that does.</remarks>
    [Alias("TakeEvents"), AlwaysInterleave]
    Task PublishEventsAsync(WireMessage batch);

    /// <summary>When workers are too busy for this router.</summary>
    /// <remarks>Interleaves: it only reads.</remarks>
    [Alias("GetBusyLimits"), AlwaysInterleave]
    Task<BusyLimits> GetBusyLimitsAsync();

    /// <summary>What this router knows of each worker's cache.</summary>
    /// <remarks>Interleaves: it only reads.</remarks>
    [Alias("GetCaches"), AlwaysInterleave]
    Task<WorkerCacheView[]> GetCachesAsync();
}
