using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Serving;
using Dynamo.Protocol.Requests;

namespace Dynamo.Cluster.Serving;

/// <summary>Ends sequences at their worker when nobody waits for them any more. Thread-safe.</summary>
internal sealed partial class SequenceAborter(StreamTable streams, IGrainFactory grains, ILogger<SequenceAborter> logger) : IStreamOwner
{
    public void Forget(RequestId id) => streams.Remove(id);

    // Should this fail, the worker learns it from the answer to its next frame.
    public void Abort(InstanceKey instance, SequenceAttempt sequence) => _ = AbortAsync(instance, sequence);

    private async Task AbortAsync(InstanceKey instance, SequenceAttempt sequence)
    {
        try
        {
            await grains.GetGrain<IModelInstanceGrain>(instance.ToString()).AbortAsync([sequence]);
        }
        catch (Exception e) when (e is SiloUnavailableException or OrleansMessageRejectionException or TimeoutException)
        {
            LogNotTold(e, instance, sequence.Id);
        }
    }

    [LoggerMessage(LogLevel.Debug, "Instance {Instance} could not be told that sequence {Sequence} is not waited for.")]
    private partial void LogNotTold(Exception exception, InstanceKey instance, RequestId sequence);
}
