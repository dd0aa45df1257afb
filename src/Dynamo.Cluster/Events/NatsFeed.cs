using Dynamo.Cluster.Planes;
using Dynamo.Security.Handshake;
using NATS.Client.Core;

namespace Dynamo.Cluster.Events;

/// <summary>Subscribes to all workers of a model. Thread-safe.</summary>
internal sealed partial class NatsFeed(NatsLink nats, EventSubjects subjects, EventSeal seal, TimeProvider time, ILogger<NatsFeed> logger)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly RepeatedFaults _faults = new(time);

    /// <summary>Passes on every message of this cluster until cancelled, through all outages. Messages wait while the last is being taken.</summary>
    public async Task RunAsync(string model, Func<byte[], ValueTask> take, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                // A subscription outlives lost connections; it cannot be made without one.
                if (nats.IsUp)
                {
                    await foreach (NatsMsg<byte[]> message in nats.Connection.SubscribeAsync<byte[]>(subjects.All(model), cancellationToken: cancellationToken))
                    {
                        if (seal.Open(message.Subject, message.Data) is { } bytes)
                        {
                            await take(bytes);
                        }
                        else if (_faults.Count("seal", out int numOmitted))
                        {
                            LogStranger(message.Subject, numOmitted);
                        }
                    }
                }
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // Whatever it is, a subscription that the client gave up when the connection broke included: it is made again.
                LogSubscriptionLost(e, model);
            }

            await Task.Delay(RetryDelay, time, cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A message on NATS subject {Subject} is not sealed with this cluster's key and is dropped; does another cluster have the same name there? {NumOmitted} more since this was last said.")]
    private partial void LogStranger(string subject, int numOmitted);

    [LoggerMessage(LogLevel.Debug, "The subscription to KV events of model {Model} ended; it is made again.")]
    private partial void LogSubscriptionLost(Exception exception, string model);
}
