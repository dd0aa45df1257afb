using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Serving;
using Dynamo.Protocol.Load;
using Dynamo.Serving.Liveness;

namespace Dynamo.Serving.Dispatch;

/// <summary>Hands sequences to workers, and tells one that is slow to answer from one whose process is gone. Thread-safe.</summary>
internal sealed class Submitter(IGrainFactory grains, DeathCheck deaths, ILocalSiloDetails silo, TimeProvider time)
{
    /// <summary>A worker answers a submit at once; one that has not for this long is suspect.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    /// <summary>Hands a sequence over.</summary>
    public Submission Submit(InstanceKey instance, WorkerId worker, WireMessage request) =>
        new(instance, worker, grains.GetGrain<IModelInstanceGrain>(instance.ToString()).SubmitAsync(silo.SiloAddress, request));

    /// <summary>Waits for the answer, at most <see cref="Timeout"/> longer; what it is, or that there will be none, is the submission's to say.</summary>
    /// <returns><see langword="false"/> when there is none yet.</returns>
    public async Task<bool> IsAnsweredAsync(Submission submission)
    {
        long start = time.GetTimestamp();
        while (!await ComesWithinAsync(submission.Answer, DeathCheck.Interval))
        {
            if (await deaths.IsGoneAsync(submission.Worker))
            {
                submission.Lose();
                return true;
            }

            if (time.GetElapsedTime(start) >= Timeout)
            {
                return false;
            }
        }

        return true;
    }

    private async Task<bool> ComesWithinAsync(Task task, TimeSpan timeout)
    {
        await task.WaitAsync(timeout, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return task.IsCompleted;
    }
}
