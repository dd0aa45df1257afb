using System.Threading.Channels;
using Dynamo.Cli.Bench;
using Dynamo.UnitTests.Engine.Mock;
using Dynamo.UnitTests.Frontend.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynamo.UnitTests.Cli.Bench;

public sealed class ClosedLoopTests
{
    private readonly VirtualStepClock _clock = new();
    private readonly WatchedTime _time = new();
    private readonly Channel<int> _sent = Channel.CreateUnbounded<int>();

    [Fact]
    public async Task NextRequest_IsSentWhenOneHasEnded()
    {
        RecordingSender sender = new(_clock) { HoldsRequests = true, OnSend = index => _sent.Writer.TryWrite(index) };
        Task run = ClosedLoop.RunAsync(sender, _clock, _time, concurrency: 2, numRequests: 4, TimeSpan.MaxValue, default);
        int[] first = [await _sent.Reader.ReadAsync(), await _sent.Reader.ReadAsync()];
        Assert.Equal([0, 1], first.Order());
        Assert.False(_sent.Reader.TryRead(out _));

        sender.End(1);
        Assert.Equal(2, await _sent.Reader.ReadAsync());
        sender.End(0);
        Assert.Equal(3, await _sent.Reader.ReadAsync());
        sender.End(2);
        sender.End(3);
        await run;

        Assert.False(_sent.Reader.TryRead(out _));
    }

    [Fact]
    public async Task IntendedTime_IsWhenTheClientIsFreeAndTheRequestReady()
    {
        RecordingSender sender = new(_clock) { PrepareTime = TimeSpan.FromMilliseconds(5) };

        await ClosedLoop.RunAsync(sender, _clock, _time, concurrency: 1, numRequests: 3, TimeSpan.MaxValue, default);

        Assert.Equal([5, 10, 15], sender.IntendedMilliseconds.Values);
    }

    [Fact]
    public async Task Deadline_EndsTheRun()
    {
        RecordingSender sender = new(_clock) { PrepareTime = TimeSpan.FromMilliseconds(5) };

        await ClosedLoop.RunAsync(sender, _clock, _time, concurrency: 1, numRequests: int.MaxValue, TimeSpan.FromMilliseconds(15), default);

        Assert.Equal([5, 10], sender.IntendedMilliseconds.Values);
    }

    [Fact]
    public async Task Cancelled_SendsNoFurtherRequest()
    {
        using CancellationTokenSource ctrlC = new();
        RecordingSender sender = new(_clock) { OnSend = index => ctrlC.Cancel() };

        await ClosedLoop.RunAsync(sender, _clock, _time, concurrency: 1, numRequests: 3, TimeSpan.MaxValue, ctrlC.Token);

        Assert.Equal([0], sender.IntendedMilliseconds.Keys);
    }

    [Fact]
    public async Task ClientThatIsNotTaken_WaitsBeforeItsNextRequest()
    {
        RecordingSender sender = new(_clock) { IsTaken = false, OnSend = index => _sent.Writer.TryWrite(index) };
        Task run = ClosedLoop.RunAsync(sender, _clock, _time, concurrency: 1, numRequests: 2, TimeSpan.MaxValue, default);

        await _time.Waiting.WaitAsync(Waiting.Limit);
        Assert.Equal([0], sender.IntendedMilliseconds.Keys);
        _time.Advance(ClosedLoop.Pause);
        Assert.Equal(0, await _sent.Reader.ReadAsync());
        Assert.Equal(1, await _sent.Reader.ReadAsync().AsTask().WaitAsync(Waiting.Limit));
        await EndAsync(run);
    }

    [Fact]
    public async Task Cancelled_PausesNoLonger()
    {
        using CancellationTokenSource ctrlC = new();
        RecordingSender sender = new(_clock) { IsTaken = false, OnSend = index => ctrlC.Cancel() };

        await ClosedLoop.RunAsync(sender, _clock, _time, concurrency: 1, numRequests: 3, TimeSpan.MaxValue, ctrlC.Token);

        Assert.Equal([0], sender.IntendedMilliseconds.Keys);
    }

    // The last request is not taken either.
    private async Task EndAsync(Task run)
    {
        while (!run.IsCompleted)
        {
            _time.Advance(ClosedLoop.Pause);
            await Task.Yield();
        }
    }

    private sealed class WatchedTime : FakeTimeProvider
    {
        private readonly TaskCompletionSource _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes when somebody waits.</summary>
        public Task Waiting => _waiting.Task;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = base.CreateTimer(callback, state, dueTime, period);
            _waiting.TrySetResult();
            return timer;
        }
    }
}
