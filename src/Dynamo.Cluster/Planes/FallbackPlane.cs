using Dynamo.Abstractions.Serving;
using Dynamo.Protocol.Load;

namespace Dynamo.Cluster.Planes;

/// <summary>Tries planes in order. A batch may overtake others when the plane changes; listeners put that right by the numbers. Thread-safe.</summary>
internal sealed class FallbackPlane(params IEventPlane[] planes) : IEventPlane
{
    public async ValueTask<bool> TryPublishAsync(string model, WorkerId worker, WireMessage batch, CancellationToken cancellationToken)
    {
        foreach (IEventPlane plane in planes)
        {
            if (await plane.TryPublishAsync(model, worker, batch, cancellationToken))
            {
                return true;
            }
        }

        return false;
    }
}
