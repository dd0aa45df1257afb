using System.Threading.Channels;
using Dynamo.Cluster.Membership;
using Dynamo.Frontend.Admission;
using Dynamo.Serving.Generation;
using Dynamo.UnitTests.Frontend.Support;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynamo.UnitTests.Frontend.Hosting;

public sealed class RequestDrainerTests
{
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(60);

    private readonly WatchedTime _time = new();
    private readonly RequestGate _gate = new(new NodeState(NodePhase.Serving));
    private readonly ApplicationLifetime _lifetime = new(NullLogger<ApplicationLifetime>.Instance);
    private readonly FixedPeers _peers = new();
    private readonly RequestDrainer _drainer;

    public RequestDrainerTests()
    {
        _drainer = new RequestDrainer(_gate, _peers, _lifetime, Grace, _time);
        Assert.True(_drainer.StartAsync(CancellationToken.None).IsCompletedSuccessfully);
    }

    [Fact]
    public void NothingRuns_NothingIsWaitedFor()
    {
        _lifetime.StopApplication();

        Assert.True(_drainer.StopAsync(CancellationToken.None).IsCompletedSuccessfully);
        Assert.False(_gate.Over.IsCancellationRequested);
    }

    [Fact]
    public async Task RequestThatEndsInTime_IsLeftAlone()
    {
        OpenRequest request = new(_gate);
        Task stopping = Leave();
        await _time.PassAsync(2);
        await request.EndAsync();
        await _time.PassUntilAsync(stopping);

        Assert.False(_gate.Over.IsCancellationRequested);
    }

    // 60 ms in steps of 20, then the second for the last word.
    [Fact]
    public async Task RequestThatDoesNot_IsToldToEnd_AndCutOffASecondLater()
    {
        OpenRequest request = new(_gate, hasStarted: true);
        Task stopping = Leave();
        await _time.PassAsync(2);
        Assert.False(_gate.Over.IsCancellationRequested);
        await _time.PassAsync(2);
        Assert.Equal((true, false), (_gate.Over.IsCancellationRequested, request.IsCutOff));
        await _time.PassUntilAsync(stopping);

        Assert.True(request.IsCutOff);
        Assert.Equal(TimeSpan.FromMilliseconds(1060), _time.GetUtcNow() - _time.Start);
    }

    [Fact]
    public async Task RequestThatSaysItsLastWord_IsNotCutOff()
    {
        OpenRequest request = new(_gate, hasStarted: true);
        _gate.Over.Register(() => request.EndAsync());
        await _time.PassUntilAsync(Leave());

        Assert.False(request.IsCutOff);
    }

    [Fact]
    public async Task StreamsThatCanGoOnElsewhere_AreCutOffAtOnce()
    {
        _peers.Any = true;
        OpenRequest stream = new(_gate, hasStarted: true);
        OpenRequest whole = new(_gate);
        _gate.Over.Register(() => whole.EndAsync());
        Task stopping = Leave();
        await _time.PassAsync(4);

        Assert.Equal((true, false), (stream.IsCutOff, whole.IsCutOff));
        await stream.EndAsync();
        await _time.PassUntilAsync(stopping);
    }

    // What stops before this one, a worker that drains, has had the same time.
    [Fact]
    public async Task Grace_BeginsWhenTheProcessIsToldToStop()
    {
        OpenRequest request = new(_gate);
        _lifetime.StopApplication();
        _time.Advance(Grace);
        Task stopping = _drainer.StopAsync(CancellationToken.None);

        Assert.True(_gate.Over.IsCancellationRequested);
        await request.EndAsync();
        await _time.PassUntilAsync(stopping);
    }

    [Fact]
    public async Task HostThatWaitsNoLonger_EndsTheGrace()
    {
        OpenRequest request = new(_gate);
        _lifetime.StopApplication();
        Task stopping = _drainer.StopAsync(new CancellationToken(canceled: true));

        Assert.True(_gate.Over.IsCancellationRequested);
        await request.EndAsync();
        await _time.PassUntilAsync(stopping);
    }

    private Task Leave()
    {
        _lifetime.StopApplication();
        return _drainer.StopAsync(CancellationToken.None);
    }

    private sealed class FixedPeers : IFrontendPeers
    {
        public bool Any { get; set; }
    }

    /// <summary>A clock that moves only when somebody has begun to wait on it, and just as far.</summary>
    private sealed class WatchedTime : FakeTimeProvider
    {
        private readonly Channel<TimeSpan> _waits = Channel.CreateUnbounded<TimeSpan>();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            ITimer timer = base.CreateTimer(callback, state, dueTime, period);
            _waits.Writer.TryWrite(dueTime);
            return timer;
        }

        /// <summary>Lets so many waits pass, one after the other.</summary>
        public async Task PassAsync(int numWaits)
        {
            for (int i = 0; i < numWaits; i++)
            {
                Advance(await _waits.Reader.ReadAsync().AsTask().WaitAsync(Waiting.Limit));
            }
        }

        /// <summary>Lets waits pass until a task is done.</summary>
        public async Task PassUntilAsync(Task task)
        {
            while (await Task.WhenAny(task, _waits.Reader.WaitToReadAsync().AsTask()).WaitAsync(Waiting.Limit) != task)
            {
                await PassAsync(1);
            }

            await task;
        }
    }
}
