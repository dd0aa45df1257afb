using Dynamo.ClusterTests.Cluster.Events;
using Dynamo.ClusterTests.Support;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Requests;
using Dynamo.Worker.Events;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Dynamo.ClusterTests.Worker.Events;

public sealed class EventPublisherTests : IAsyncLifetime
{
    private readonly TimerWatchingTime _time = new();
    private readonly HandPlane _plane = new();
    private readonly EventPublisher _publisher;
    private readonly RequestId[] _live = [RequestId.New()];
    private DateTimeOffset _liveReadAt;
    private long _last;
    private volatile LoadReport _load = new ScriptedWorker().Load();

    public EventPublisherTests() =>
        _publisher = new EventPublisher("m", new WorkerId(9), 3, () => _load, ReadLive, _plane, _time, NullLogger.Instance);

    public async Task InitializeAsync()
    {
        _publisher.Start();
        Assert.Equal(EventPublisher.LoadInterval, await _time.UntilWaitedOnAsync());
    }

    public async Task DisposeAsync()
    {
        // With the clock standing still nothing else ends a batch that nobody takes.
        Task disposing = _publisher.DisposeAsync().AsTask();
        while (!disposing.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        await disposing;
    }

    [Fact]
    public async Task Append_WhileABatchIsUnderWay_GoesIntoTheNext()
    {
        Append();
        Assert.Equal([1L], Numbers(await _plane.NextAsync()));
        Append();
        Append();
        _plane.Answer(true);

        Assert.Equal([2L, 3L], Numbers(await _plane.NextAsync()));
    }

    [Fact]
    public async Task Batch_NotTaken_IsToldAgainWithWhatCameMeanwhile()
    {
        Append();
        await _plane.NextAsync();
        Append();
        _plane.Answer(false);
        Assert.Equal(EventPublisher.RetryDelay, await _time.UntilWaitedOnAsync());
        _time.Advance(EventPublisher.RetryDelay);

        EventBatch again = await _plane.NextAsync();
        Assert.Equal([1L, 2L], Numbers(again));
        Assert.Equal((new WorkerId(9), 3L), (again.Worker, again.Generation));
    }

    [Fact]
    public async Task Append_MoreThanTheLogKeepsWhileNobodyTakes_OnlyTheLoadIsTold()
    {
        Append();
        await _plane.NextAsync();
        for (int i = 0; i < 5000; i++)
        {
            Append();
        }

        _load = _load with { LastKVEvent = _last };
        _plane.Answer(true);

        EventBatch batch = await _plane.NextAsync();
        Assert.Empty(batch.Events);
        Assert.Equal(5001, batch.Load!.LastKVEvent);
        Assert.Equal(5000, _publisher.NumSkipped);
        Append();
        _plane.Answer(true);
        Assert.Equal([5002L], Numbers(await _plane.NextAsync()));
    }

    [Fact]
    public async Task Load_Changed_IsToldAtTheNextLook_Unchanged_EachSecondWithTheSequences()
    {
        _time.Advance(EventPublisher.LoadInterval);
        EventBatch first = await _plane.NextAsync();
        Assert.Equal(_load, first.Load);
        Assert.Equal(_live, first.Live);
        _plane.Answer(true);
        Assert.Equal(EventPublisher.Interval, await _time.UntilWaitedOnAsync());

        _load = _load with { NumWaiting = 1 };
        _time.Advance(EventPublisher.LoadInterval);
        EventBatch second = await _plane.NextAsync();
        Assert.Equal(1, second.Load!.NumWaiting);
        Assert.Null(second.Live);
        _plane.Answer(true);
        Assert.Equal(EventPublisher.Interval, await _time.UntilWaitedOnAsync());

        // Nothing new: no look wakes the publisher before the one a second after this batch.
        DateTimeOffset told = _time.GetUtcNow();
        Task<EventBatch> next = _plane.NextAsync();
        for (TimeSpan passed = TimeSpan.Zero; passed < EventPublisher.IdleInterval; passed += EventPublisher.LoadInterval)
        {
            Assert.False(next.IsCompleted);
            _time.Advance(EventPublisher.LoadInterval);
        }

        Assert.Equal(_load, (await next).Load);
        Assert.Equal(_live, (await next).Live);
        Assert.Equal(EventPublisher.IdleInterval, _liveReadAt - told);
    }

    [Fact]
    public async Task Load_OfAnIdleEngine_IsLookedAtEachSecond_AndAgainAtOnceWhenWorkComes()
    {
        _load = _load with { NumRunning = 0, NumWaiting = 0 };
        _time.Advance(EventPublisher.LoadInterval);
        await _plane.NextAsync();
        _plane.Answer(true);
        Assert.Equal(EventPublisher.Interval, await _time.UntilWaitedOnAsync());
        _time.Advance(EventPublisher.Interval);

        // Idle from here on: a change that nobody told of waits for the slow look.
        Task<EventBatch> next = _plane.NextAsync();
        _load = _load with { NumCachedBlocks = 7 };
        _time.Advance(EventPublisher.LoadInterval * 3);
        Assert.False(next.IsCompleted);
        _load = _load with { NumWaiting = 1 };
        _publisher.OnWork();
        _time.Advance(EventPublisher.LoadInterval);

        Assert.Equal(1, (await next).Load!.NumWaiting);
        _plane.Answer(true);
    }

    [Fact]
    public async Task Load_OfEventsThatDoNotFit_GoesWithTheLastOfThem()
    {
        Append();
        await _plane.NextAsync();
        for (int i = 0; i < EventBatch.MaxEvents + 1; i++)
        {
            Append();
        }

        _load = _load with { LastKVEvent = _last };
        _time.Advance(EventPublisher.LoadInterval);
        _plane.Answer(true);
        Assert.Null((await _plane.NextAsync()).Load);
        _plane.Answer(true);

        EventBatch last = await _plane.NextAsync();
        Assert.Equal([_last], Numbers(last));
        Assert.Equal(_last, last.Load!.LastKVEvent);
    }

    [Fact]
    public async Task Complete_TellsTheLastEventsAndLoad()
    {
        Append();
        _load = _load with { LastKVEvent = _last };
        _publisher.Complete();

        EventBatch batch = await _plane.NextAsync();
        if (batch.Load is null)
        {
            _plane.Answer(true);
            batch = await _plane.NextAsync();
        }

        Assert.Equal(_last, batch.Load!.LastKVEvent);
        _plane.Answer(true);
    }

    [Fact]
    public void Read_AnswersFromANumberOn_OrWithTheLoadAndTheSequencesAlone()
    {
        for (int i = 0; i < 5000; i++)
        {
            Append();
        }

        _load = _load with { LastKVEvent = _last };

        Assert.Equal([4999L, 5000L], Numbers(_publisher.Read(4999)));
        Assert.Empty(_publisher.Read(1).Events);
        Assert.Equal(5000, _publisher.Read(1).Load!.LastKVEvent);
        Assert.Equal(_live, _publisher.Read(1).Live);
    }

    private static IEnumerable<long> Numbers(EventBatch batch) => batch.Events.Select(static kvEvent => kvEvent.Number);

    private RequestId[] ReadLive()
    {
        _liveReadAt = _time.GetUtcNow();
        return _live;
    }

    private void Append() =>
        _publisher.Append(new KVEvent { Number = ++_last, Kind = KVEventKind.Removed, Blocks = [default] });
}
