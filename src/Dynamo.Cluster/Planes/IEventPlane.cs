using Dynamo.Abstractions.Serving;
using Dynamo.Protocol.Load;

namespace Dynamo.Cluster.Planes;

/// <summary>A way for batches of one worker to the listeners of its model. Keeps the order of one worker's batches while it works at all. Thread-safe.</summary>
public interface IEventPlane
{
    /// <summary>Hands a batch over. Waits a second or so at most. Taken does not mean heard: what is lost on the way is missed by its number.</summary>
    /// <param name="model">Whose listeners.</param>
    /// <param name="worker">Who says it.</param>
    /// <param name="batch">An <see cref="Protocol.KV.EventBatch"/> in wire form.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether it was taken.</returns>
    ValueTask<bool> TryPublishAsync(string model, WorkerId worker, WireMessage batch, CancellationToken cancellationToken);
}
