using Dynamo.Abstractions.Serving;
using Dynamo.Protocol.Load;
using NATS.Client.Core;

namespace Dynamo.Cluster.Planes;

/// <summary>Publishes to a subject of the worker's own; takes nothing while the server does not answer. Thread-safe.</summary>
internal sealed partial class NatsPlane(NatsLink nats, EventSubjects subjects, EventSeal seal, TimeProvider time, ILogger<NatsPlane> logger) : IEventPlane
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    public async ValueTask<bool> TryPublishAsync(string model, WorkerId worker, WireMessage batch, CancellationToken cancellationToken)
    {
        if (!nats.IsUp)
        {
            return false;
        }

        using CancellationTokenSource late = new(Timeout, time);
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            string subject = subjects.Of(model, worker);
            await nats.Connection.PublishAsync(subject, seal.Seal(subject, batch.Bytes), cancellationToken: deadline.Token);
            return true;
        }
        catch (Exception e) when (e is NatsException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            LogNotTaken(e, worker);
            return false;
        }
    }

    [LoggerMessage(LogLevel.Debug, "NATS did not take KV events of worker {Worker}.")]
    private partial void LogNotTaken(Exception exception, WorkerId worker);
}
