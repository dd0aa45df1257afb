using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Dynamo.ClusterTests.Support;

/// <summary>A clock that stands still and tells when somebody begins to wait on it, so that a test moves it only then.</summary>
internal sealed class TimerWatchingTime : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _begun = Channel.CreateUnbounded<TimeSpan>();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ITimer timer = base.CreateTimer(callback, state, dueTime, period);
        _begun.Writer.TryWrite(dueTime);
        return timer;
    }

    /// <summary>Waits until somebody waits, and returns for how long.</summary>
    public ValueTask<TimeSpan> UntilWaitedOnAsync() => _begun.Reader.ReadAsync();
}
