using Dynamo.Cli.Bench;
using Dynamo.UnitTests.Engine.Mock;
using Xunit;

namespace Dynamo.UnitTests.Cli.Bench;

public sealed class OpenLoopTests
{
    private readonly VirtualStepClock _clock = new();

    public OpenLoopTests() => _clock.Advance(TimeSpan.FromSeconds(100));

    [Fact]
    public async Task Requests_AreMeantForTheirTimesSinceTheStart()
    {
        RecordingSender sender = new(_clock);

        await RunAsync(sender, Arrivals.Even(10), numRequests: 3);

        Assert.Equal([100_000, 100_100, 100_200], sender.IntendedMilliseconds.Values);
        Assert.Equal(100_200, _clock.Now.TotalMilliseconds);
    }

    [Fact]
    public async Task LateGenerator_KeepsTheIntendedTimes()
    {
        // Each request takes 250 ms to make and is due every 100 ms.
        RecordingSender sender = new(_clock) { PrepareTime = TimeSpan.FromMilliseconds(250) };

        await RunAsync(sender, Arrivals.Even(10), numRequests: 3);

        Assert.Equal([100_000, 100_100, 100_200], sender.IntendedMilliseconds.Values);
        Assert.Equal(100_750, _clock.Now.TotalMilliseconds);
    }

    [Fact]
    public async Task EarlierRequests_AreNotWaitedFor()
    {
        TaskCompletionSource allSent = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int numSent = 0;
        RecordingSender sender = new(_clock)
        {
            HoldsRequests = true,
            OnSend = _ =>
            {
                if (++numSent == 3)
                {
                    allSent.SetResult();
                }
            },
        };
        Task run = RunAsync(sender, Arrivals.Even(10), numRequests: 3);
        await allSent.Task;

        Assert.False(run.IsCompleted);
        for (int i = 0; i < 3; i++)
        {
            sender.End(i);
        }

        await run;
    }

    [Fact]
    public async Task RequestsMeantForTheDeadline_AreNotSent()
    {
        RecordingSender sender = new(_clock);

        await RunAsync(sender, Arrivals.Even(10), numRequests: int.MaxValue, deadline: TimeSpan.FromMilliseconds(100_300));

        Assert.Equal([100_000, 100_100, 100_200], sender.IntendedMilliseconds.Values);
    }

    [Fact]
    public async Task Cancelled_SendsNoFurtherRequest()
    {
        using CancellationTokenSource ctrlC = new();
        RecordingSender sender = new(_clock);

        await RunAsync(sender, Times(), numRequests: 5, cancellationToken: ctrlC.Token);

        Assert.Equal([0, 1], sender.IntendedMilliseconds.Keys);

        IEnumerable<TimeSpan> Times()
        {
            yield return TimeSpan.Zero;
            yield return TimeSpan.FromMilliseconds(10);
            ctrlC.Cancel();
            yield return TimeSpan.FromMilliseconds(20);
        }
    }

    private Task RunAsync(
        RecordingSender sender, IEnumerable<TimeSpan> arrivals, int numRequests, TimeSpan? deadline = null, CancellationToken cancellationToken = default) =>
        OpenLoop.RunAsync(sender, _clock, arrivals, _clock.Now, numRequests, deadline ?? TimeSpan.MaxValue, cancellationToken);
}
