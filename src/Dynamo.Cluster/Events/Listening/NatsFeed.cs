using Dynamo.Cluster.Events.Planes;
using NATS.Client.Core;

namespace Dynamo.Cluster.Events.Listening;

/// <summary>Subscribes to all workers of a model. Thread-safe.</summary>
internal sealed partial class NatsFeed(NatsLink nats, EventSubjects subjects, TimeProvider time, ILogger<NatsFeed> logger)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    /// <summary>Passes on every message until cancelled, through all outages. Messages wait while the last is being taken.</summary>
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
                        if (message.Data is { } bytes)
                        {
                            await take(bytes);
                        }
                    }
                }
            }
            catch (Exception e) when (e is NatsException or IOException or ObjectDisposedException)
            {
                LogSubscriptionLost(e, model);
            }

            await Task.Delay(RetryDelay, time, cancellationToken);
        }
    }

    [LoggerMessage(LogLevel.Debug, "The subscription to KV events of model {Model} ended; it is made again.")]
    private partial void LogSubscriptionLost(Exception exception, string model);
}
