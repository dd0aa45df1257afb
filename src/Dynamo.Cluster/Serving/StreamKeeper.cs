using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Serving;

namespace Dynamo.Cluster.Serving;

/// <summary>Does what streams ask for: follows their workers, moves them, ends them at workers. Thread-safe.</summary>
internal sealed partial class StreamKeeper(StreamTable streams, WorkerWatch watch, StreamMover mover, IGrainFactory grains, ILogger<StreamKeeper> logger) : IStreamOwner
{
    public void Settled(SequenceStream stream) => watch.Follow(stream, stream.Worker);

    public void Interrupted(SequenceStream stream)
    {
        watch.Unfollow(stream, stream.Worker);
        mover.Move(stream, stream.Worker);
    }

    public void Ended(SequenceStream stream)
    {
        watch.Unfollow(stream, stream.Worker);
        streams.Remove(stream.Id);
    }

    public void Abort(InstanceKey instance, SequenceAttempt sequence) => _ = AbortAsync(instance, sequence);

    private async Task AbortAsync(InstanceKey instance, SequenceAttempt sequence)
    {
        try
        {
            await grains.GetGrain<IModelInstanceGrain>(instance.ToString()).AbortAsync([sequence]);
        }
        catch (Exception e) when (Unreachable.Is(e))
        {
            // The worker learns it from the answer to its next frame.
            LogNotTold(e, instance, sequence.Id.ToString());
        }
    }

    [LoggerMessage(LogLevel.Debug, "Instance {Instance} could not be told that sequence {Sequence} is not waited for.")]
    private partial void LogNotTold(Exception exception, InstanceKey instance, string sequence);
}
