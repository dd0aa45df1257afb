using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Routing;
using Dynamo.Abstractions.Serving;
using Dynamo.Cluster.Calls;
using Dynamo.Serving.Dispatch;
using Dynamo.Serving.Liveness;
using Dynamo.Serving.Migration;
using Dynamo.Serving.Streams;

namespace Dynamo.Serving.Generation;

/// <summary>Does what streams ask for: follows their workers, moves them, ends them at workers. Thread-safe.</summary>
/// <remarks>
/// A frontend that is leaving cuts its clients off after a grace; that is not their wish, so the workers keep what these streams ran, and the
/// clients go on at another frontend.
/// </remarks>
internal sealed partial class StreamKeeper(
    StreamTable streams,
    WorkerWatch watch,
    StreamMover mover,
    InexactMoves inexactMoves,
    RouterNotifier notifier,
    IGrainFactory grains,
    IHostApplicationLifetime lifetime,
    ILogger<StreamKeeper> logger) : IStreamOwner
{
    private bool IsLeaving => lifetime.ApplicationStopping.IsCancellationRequested;

    public void Settled(SequenceStream stream) => watch.Follow(stream, stream.Worker);

    public void Began(SequenceStream stream) => notifier.Enqueue(stream.Model, stream.Id, SequenceEventKind.FirstToken);

    public void MovedInexactly(SequenceStream stream, string from, string to) => inexactMoves.Add(stream.Model, from, to);

    public void Interrupted(SequenceStream stream)
    {
        watch.Unfollow(stream, stream.Worker);
        mover.Move(stream, stream.Worker);
    }

    public void Ended(SequenceStream stream)
    {
        watch.Unfollow(stream, stream.Worker);

        // Where its client has come back here, the sequence goes on under the same identity.
        if (IsLeaving || streams.TryRemove(stream))
        {
            notifier.Enqueue(stream.Model, stream.Id, SequenceEventKind.Ended);
        }
    }

    public void Abort(InstanceKey instance, SequenceAttempt sequence)
    {
        if (!IsLeaving)
        {
            _ = AbortAsync(instance, sequence);
        }
    }

    private async Task AbortAsync(InstanceKey instance, SequenceAttempt sequence)
    {
        try
        {
            await grains.GetGrain<IModelInstanceGrain>(instance.ToString()).AbortAsync([sequence]);
        }
        catch (Exception e) when (FailedCalls.IsUnreachable(e))
        {
            // The worker learns it from the answer to its next frame.
            LogNotTold(e, instance, sequence.Id.ToString());
        }
    }

    [LoggerMessage(LogLevel.Debug, "Instance {Instance} could not be told that sequence {Sequence} is not waited for.")]
    private partial void LogNotTold(Exception exception, InstanceKey instance, string sequence);
}
