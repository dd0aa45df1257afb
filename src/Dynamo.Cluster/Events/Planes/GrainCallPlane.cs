using Dynamo.Abstractions.Routing;
using Dynamo.Abstractions.Serving;
using Dynamo.Cluster.Serving;
using Dynamo.Protocol.Load;

namespace Dynamo.Cluster.Events.Planes;

/// <summary>Calls the model's router and waits for its answer, so a router that cannot follow slows its workers' batches down. Thread-safe.</summary>
internal sealed partial class GrainCallPlane(IGrainFactory grains, TimeProvider time, ILogger<GrainCallPlane> logger) : IEventPlane
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async ValueTask<bool> TryPublishAsync(string model, WorkerId worker, WireMessage batch, CancellationToken cancellationToken)
    {
        try
        {
            await grains.GetGrain<IRouterGrain>(model).TakeEventsAsync(batch).WaitAsync(Patience, time, cancellationToken);
            return true;
        }
        catch (Exception e) when (Unreachable.Is(e))
        {
            // No frontend yet, or the router is changing hands; the publisher keeps the events and tries again.
            LogNotTaken(e, model);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Debug, "The router of model {Model} did not take KV events.")]
    private partial void LogNotTaken(Exception exception, string model);
}
