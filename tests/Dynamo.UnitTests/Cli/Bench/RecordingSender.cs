using Dynamo.Cli.Bench;
using Dynamo.UnitTests.Engine.Mock;

namespace Dynamo.UnitTests.Cli.Bench;

/// <summary>Notes what it is told to send; a request ends when the test says so, or at once.</summary>
internal sealed class RecordingSender(VirtualStepClock clock) : IRequestSender
{
    private readonly Dictionary<int, TaskCompletionSource> _ends = [];

    /// <summary>Time that making a request ready takes.</summary>
    public TimeSpan PrepareTime { get; init; }

    /// <summary>Whether requests wait for <see cref="End"/>.</summary>
    public bool HoldsRequests { get; init; }

    /// <summary>Whether requests are taken.</summary>
    public bool IsTaken { get; init; } = true;

    /// <summary>Called when a request is sent.</summary>
    public Action<int>? OnSend { get; init; }

    /// <summary>What was sent, in the order of its numbers.</summary>
    public SortedDictionary<int, double> IntendedMilliseconds { get; } = [];

    public PreparedRequest Prepare(int index)
    {
        clock.Advance(PrepareTime);
        return new PreparedRequest(index, 1, default);
    }

    public async Task<bool> SendAsync(PreparedRequest request, TimeSpan intended, CancellationToken cancellationToken)
    {
        TaskCompletionSource end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_ends)
        {
            IntendedMilliseconds.Add(request.Index, intended.TotalMilliseconds);
            _ends.Add(request.Index, end);
            OnSend?.Invoke(request.Index);
        }

        if (HoldsRequests)
        {
            await end.Task;
        }

        return IsTaken;
    }

    public void End(int index)
    {
        lock (_ends)
        {
            _ends[index].SetResult();
        }
    }
}
