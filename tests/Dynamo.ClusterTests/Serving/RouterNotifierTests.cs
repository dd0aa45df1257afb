using System.Threading.Channels;
using Dynamo.Abstractions.Routing;
using Dynamo.ClusterTests.Support;
using Dynamo.Protocol.Requests;
using Dynamo.Serving.Dispatch;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Dynamo.ClusterTests.Serving;

public sealed class RouterNotifierTests
{
    private readonly TimerWatchingTime _time = new();
    private readonly Channel<(SequenceEvent[] Events, TaskCompletionSource Answer)> _calls = Channel.CreateUnbounded<(SequenceEvent[], TaskCompletionSource)>();
    private readonly RouterNotifier _notifier;

    public RouterNotifierTests()
    {
        IRouterGrain router = Stub.Of<IRouterGrain>((_, args) =>
        {
            TaskCompletionSource answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _calls.Writer.TryWrite(((SequenceEvent[])args[0]!, answer));
            return answer.Task;
        });
        _notifier = new RouterNotifier(Stub.Of<IGrainFactory>((_, _) => router), _time, NullLogger<RouterNotifier>.Instance);
    }

    [Fact]
    public async Task Tell_WhileACallIsUnderWay_GoesIntoTheNext()
    {
        SequenceEvent[] told = [Enqueue(SequenceEventKind.FirstToken)];
        (SequenceEvent[] first, TaskCompletionSource answer) = await NextAsync();
        Assert.Equal(told, first);
        told = [Enqueue(SequenceEventKind.FirstToken), Enqueue(SequenceEventKind.Ended)];
        answer.SetResult();

        Assert.Equal(told, (await NextAsync()).Events);
    }

    [Fact]
    public async Task Tell_CallFails_IsToldOnceMoreBeforeWhatCameMeanwhile()
    {
        SequenceEvent lost = Enqueue(SequenceEventKind.FirstToken);
        await FailAsync(lost);
        SequenceEvent next = Enqueue(SequenceEventKind.Ended);
        await AfterAPauseAsync();
        await FailAsync(lost, next);

        // Two failures are enough: by then another router is likely to have begun, which knows nothing of the sequence.
        await AfterAPauseAsync();
        await FailAsync(next);
    }

    private async Task<(SequenceEvent[] Events, TaskCompletionSource Answer)> NextAsync() => await _calls.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    private async Task FailAsync(params SequenceEvent[] expected)
    {
        (SequenceEvent[] events, TaskCompletionSource answer) = await NextAsync();
        Assert.Equal(expected, events);
        answer.SetException(new SiloUnavailableException("cut"));
    }

    private async Task AfterAPauseAsync() => _time.Advance(await _time.UntilWaitedOnAsync());

    private SequenceEvent Enqueue(SequenceEventKind kind)
    {
        SequenceEvent sent = new(RequestId.New(), kind);
        _notifier.Enqueue("m", sent.Request, kind);
        return sent;
    }
}
