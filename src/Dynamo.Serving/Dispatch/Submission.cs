using Dynamo.Abstractions.Instances;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;

namespace Dynamo.Serving.Dispatch;

/// <summary>A sequence that was handed to a worker. Its dispatcher's.</summary>
/// <param name="instance">The instance.</param>
/// <param name="worker">Its identity.</param>
/// <param name="answer">What it says; fails when it cannot be reached.</param>
internal sealed class Submission(InstanceKey instance, WorkerId worker, Task<SubmitResult> answer)
{
    public InstanceKey Instance => instance;

    public WorkerId Worker => worker;

    /// <summary>What the worker says.</summary>
    public Task<SubmitResult> Answer { get; private set; } = answer;

    /// <summary>Whether others were looked for, because no answer came in time.</summary>
    public bool IsLate { get; set; }

    /// <summary>Whether the worker's port refuses connections.</summary>
    public bool IsGone { get; private set; }

    /// <summary>The worker's port refuses connections: there will be no answer.</summary>
    public void Lose()
    {
        IsGone = true;
        Answer = Task.FromException<SubmitResult>(new SiloUnavailableException($"nobody listens at {instance.Head}"));
    }
}
