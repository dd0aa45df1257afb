using System.Collections.Concurrent;
using Dynamo.Abstractions.Routing;
using Dynamo.Abstractions.Serving;
using Dynamo.Cluster.Calls;
using Dynamo.Protocol.Load;

namespace Dynamo.Cluster.Planes;

/// <summary>
/// Calls the model's router and waits for its answer, so a router that cannot follow slows its workers' batches down: a worker has one call under way,
/// even after the publisher has stopped waiting for it. Thread-safe.
/// </summary>
internal sealed partial class GrainCallPlane(IGrainFactory grains, TimeProvider time, ILogger<GrainCallPlane> logger) : IEventPlane
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<WorkerId, Task> _late = new();

    public async ValueTask<bool> TryPublishAsync(string model, WorkerId worker, WireMessage batch, CancellationToken cancellationToken)
    {
        bool isNew = !_late.TryRemove(worker, out Task? call);
        try
        {
            call ??= grains.GetGrain<IRouterGrain>(model).PublishEventsAsync(batch);
            await call.WaitAsync(Timeout, time, cancellationToken);
            return isNew;
        }
        catch (Exception e) when (FailedCalls.IsUnreachable(e))
        {
            // No frontend yet, or the router is slow or changing hands; the publisher keeps the events and tries again.
            if (call is { IsCompleted: false })
            {
                _late[worker] = call;
            }

            LogNotTaken(e, model);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Debug, "The router of model {Model} did not take KV events.")]
    private partial void LogNotTaken(Exception exception, string model);
}
