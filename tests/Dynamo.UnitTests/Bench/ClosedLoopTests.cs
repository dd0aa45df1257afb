using System.Threading.Channels;
using Dynamo.Cli.Bench;
using Dynamo.UnitTests.Mock;
using Xunit;

namespace Dynamo.UnitTests.Bench;

public sealed class ClosedLoopTests
{
    private readonly VirtualStepClock _clock = new();
    private readonly Channel<int> _sent = Channel.CreateUnbounded<int>();

    [Fact]
    public async Task NextRequest_IsSentWhenOneHasEnded()
    {
        RecordingSender sender = new(_clock) { HoldsRequests = true, OnSend = index => _sent.Writer.TryWrite(index) };
        Task run = ClosedLoop.RunAsync(sender, _clock, concurrency: 2, numRequests: 4, TimeSpan.MaxValue, default);
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

        await ClosedLoop.RunAsync(sender, _clock, concurrency: 1, numRequests: 3, TimeSpan.MaxValue, default);

        Assert.Equal([5, 10, 15], sender.IntendedMilliseconds.Values);
    }

    [Fact]
    public async Task Deadline_EndsTheRun()
    {
        RecordingSender sender = new(_clock) { PrepareTime = TimeSpan.FromMilliseconds(5) };

        await ClosedLoop.RunAsync(sender, _clock, concurrency: 1, numRequests: int.MaxValue, TimeSpan.FromMilliseconds(15), default);

        Assert.Equal([5, 10], sender.IntendedMilliseconds.Values);
    }

    [Fact]
    public async Task Cancelled_SendsNoFurtherRequest()
    {
        using CancellationTokenSource ctrlC = new();
        RecordingSender sender = new(_clock) { OnSend = index => ctrlC.Cancel() };

        await ClosedLoop.RunAsync(sender, _clock, concurrency: 1, numRequests: 3, TimeSpan.MaxValue, ctrlC.Token);

        Assert.Equal([0], sender.IntendedMilliseconds.Keys);
    }
}
