using System.Threading.Channels;
using Dynamo.Abstractions.Routing;
using Dynamo.ClusterTests.Support;
using Dynamo.Protocol.Requests;
using Dynamo.Serving.Dispatch;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Dynamo.ClusterTests.Serving;

public sealed class RouterNewsTests
{
    private readonly TimerWatchingTime _time = new();
    private readonly Channel<(SequenceNews[] News, TaskCompletionSource Answer)> _calls = Channel.CreateUnbounded<(SequenceNews[], TaskCompletionSource)>();
    private readonly RouterNews _news;

    public RouterNewsTests()
    {
        IRouterGrain router = Stub.Of<IRouterGrain>((_, args) =>
        {
            TaskCompletionSource answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
            _calls.Writer.TryWrite(((SequenceNews[])args[0]!, answer));
            return answer.Task;
        });
        _news = new RouterNews(Stub.Of<IGrainFactory>((_, _) => router), _time, NullLogger<RouterNews>.Instance);
    }

    [Fact]
    public async Task Tell_WhileACallIsUnderWay_GoesIntoTheNext()
    {
        SequenceNews[] told = [Tell(SequenceNewsKind.FirstToken)];
        (SequenceNews[] first, TaskCompletionSource answer) = await NextAsync();
        Assert.Equal(told, first);
        told = [Tell(SequenceNewsKind.FirstToken), Tell(SequenceNewsKind.Ended)];
        answer.SetResult();

        Assert.Equal(told, (await NextAsync()).News);
    }

    [Fact]
    public async Task Tell_CallFails_IsToldOnceMoreBeforeWhatCameMeanwhile()
    {
        SequenceNews lost = Tell(SequenceNewsKind.FirstToken);
        await FailAsync(lost);
        SequenceNews next = Tell(SequenceNewsKind.Ended);
        await AfterAPauseAsync();
        await FailAsync(lost, next);

        // Two failures are enough: by then another router is likely to have begun, which knows nothing of the sequence.
        await AfterAPauseAsync();
        await FailAsync(next);
    }

    private async Task<(SequenceNews[] News, TaskCompletionSource Answer)> NextAsync() => await _calls.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    private async Task FailAsync(params SequenceNews[] expected)
    {
        (SequenceNews[] news, TaskCompletionSource answer) = await NextAsync();
        Assert.Equal(expected, news);
        answer.SetException(new SiloUnavailableException("cut"));
    }

    private async Task AfterAPauseAsync() => _time.Advance(await _time.UntilWaitedOnAsync());

    private SequenceNews Tell(SequenceNewsKind kind)
    {
        SequenceNews news = new(RequestId.New(), kind);
        _news.Tell("m", news.Request, kind);
        return news;
    }
}
