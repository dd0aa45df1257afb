using System.Net;
using Dynamo.Abstractions.Instances;
using Dynamo.Cluster.Events;
using Dynamo.ClusterTests.Security;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.Protocol.Wire;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Events;

/// <summary>Answers of scripted workers come at once, so without its clock a listener does all within the call.</summary>
public sealed class RouterEventsTests : IAsyncDisposable
{
    // Static, because one that is collected while its last task ends takes the process down.
    private static readonly ConcurrentExclusiveSchedulerPair Schedulers = new();

    private readonly FakeTimeProvider _time = new();
    private readonly HeldBlocks _held = new();
    private readonly EventCounts _counts = new();
    private readonly LineLogger<RouterEvents> _log = new();
    private readonly Dictionary<long, ScriptedWorker> _workers = [];
    private readonly RouterEvents _events;

    public RouterEventsTests() =>
        _events = new RouterEvents("m", _held, key => _workers[key.Generation], null, _counts, _time, _log);

    public ValueTask DisposeAsync() => _events.DisposeAsync();

    [Fact]
    public void Update_NewWorker_IsAskedForWhatItHolds()
    {
        ScriptedWorker worker = Add(1);
        worker.Store(null, 1, 2);
        _events.Accept(WireFormat.Encode(worker.Batch(worker.Store(2, 3))));
        Assert.Equal((1, 0), (_counts.NumUnknown, _held.NumBlocks(worker.Id)));

        _events.Update([Report(worker)]);
        Assert.Equal(3, _held.NumBlocks(worker.Id));

        _events.Accept(WireFormat.Encode(worker.Batch(worker.Remove(1))));
        Assert.Equal([2UL, 3UL], _held.Of(worker.Id).Order());
    }

    [Fact]
    public void Update_WorkerGone_IsForgotten()
    {
        ScriptedWorker[] workers = [Add(1), Add(2)];
        workers[0].Store(null, 1);
        workers[1].Store(null, 1);
        _events.Update([Report(workers[0]), Report(workers[1])]);
        _events.Update([Report(workers[0]) with { State = InstanceState.Failed }, Report(workers[1]) with { State = InstanceState.Draining }]);

        Assert.Equal((0, 1), (_held.NumBlocks(workers[0].Id), _held.NumBlocks(workers[1].Id)));
        Assert.Equal(workers[1].Id, _events.Streams.Single().Worker);
    }

    [Fact]
    public void Update_SameWorkerInANewGeneration_IsAskedThere()
    {
        ScriptedWorker before = Add(1);
        before.Store(null, 1, 2);
        _events.Update([Report(before)]);
        ScriptedWorker after = new(generation: 2, id: before.Id);
        _workers.Add(2, after);
        after.Store(null, 3);
        _events.Accept(WireFormat.Encode(after.Batch(after.Store(3, 4))));
        _events.Update([Report(after)]);

        Assert.Equal([3UL, 4UL], _held.Of(after.Id).Order());
        Assert.Equal(["events 1"], after.Asked);
    }

    [Fact]
    public async Task Update_ManyWorkersWithLists_SomeAreReadAtATime()
    {
        ScriptedWorker[] workers = [.. Enumerable.Range(1, EventAsker.MaxListing + 2).Select(number => Add(number, maxEvents: 1))];
        TaskCompletionSource gate = new();
        foreach (ScriptedWorker worker in workers)
        {
            worker.Store(null, 1);
            worker.Store(1, 2);
        }

        // None answers for a page yet, so those that may ask hold their places.
        await using RouterEvents events = new("m", _held, key => new GatedSource(_workers[key.Generation], gate.Task), null, _counts, _time, _log);
        events.Update([.. workers.Select(Report)]);

        Assert.Equal(EventAsker.MaxListing, workers.Count(static worker => worker.Asked.Contains("page 0")));
        Assert.Equal(workers.Length, _counts.NumLists);
    }

    [Fact]
    public async Task Ask_ThatFails_IsRepeatedAndSaidOnce()
    {
        ScriptedWorker worker = Add(1);
        worker.Store(null, 1);
        worker.Fault = new TimeoutException("no answer");
        await OnSchedulerAsync(() =>
        {
            _events.Start();
            _events.Update([Report(worker)]);
            return 0;
        });
        Assert.Equal((1, 0), (_counts.NumFailedAsks, _held.NumBlocks(worker.Id)));

        await UntilAsync(() => _held.NumBlocks(worker.Id) == 1);
        Assert.Equal(["events 1", "events 1"], worker.Asked);
        Assert.Single(_log.Lines, static line => line.StartsWith("Warning Worker") && line.Contains("did not answer"));
    }

    [Fact]
    public async Task Ask_ThatSomebodyElseCancels_IsRepeated()
    {
        ScriptedWorker worker = Add(1);
        worker.Store(null, 1);
        worker.Fault = new TaskCanceledException();
        await OnSchedulerAsync(() =>
        {
            _events.Start();
            _events.Update([Report(worker)]);
            return 0;
        });

        await UntilAsync(() => _held.NumBlocks(worker.Id) == 1);
        Assert.Equal(1, _counts.NumFailedAsks);
    }

    [Fact]
    public async Task Ask_WhoseAnswerChangesNothing_IsRepeatedLater()
    {
        ScriptedWorker worker = Add(1);
        ScriptedWorker older = new(generation: 0, id: worker.Id);
        worker.Store(null, 1);
        int numAsked = 0;
        ChangingSource source = new(() => ++numAsked <= 3 ? older : worker);
        await using RouterEvents events = new("m", _held, _ => source, null, _counts, _time, _log);
        await OnSchedulerAsync(() =>
        {
            events.Start();
            events.Update([Report(worker)]);
            return 0;
        });
        Assert.Equal((1, 1), (numAsked, _counts.NumFailedAsks));

        await UntilAsync(() => _held.NumBlocks(worker.Id) == 1);
        Assert.Equal((4, 3), (numAsked, _counts.NumFailedAsks));
    }

    [Fact]
    public async Task Lists_ThatCannotBeRead_MakeWayForOthers()
    {
        ScriptedWorker[] workers = [.. Enumerable.Range(1, EventAsker.MaxListing + 1).Select(number => Add(number, maxEvents: 1))];
        foreach (ScriptedWorker worker in workers)
        {
            worker.Store(null, 1);
            worker.Store(1, 2);
        }

        ScriptedWorker last = workers[^1];
        await using RouterEvents events = new(
            "m", _held, key => key.Generation == last.Generation ? last : new UnlistedSource(_workers[key.Generation]), null, _counts, _time, _log);
        events.Update([.. workers.Select(Report)]);

        Assert.Equal(EventAsker.MaxListing, _counts.NumFailedAsks);
        Assert.Equal(2, _held.NumBlocks(last.Id));
    }

    [Fact]
    public async Task Take_WhatTheSinkFailsAt_HarmsNobodyElseAndIsToldAgain()
    {
        ScriptedWorker[] workers = [Add(1), Add(2)];
        await OnSchedulerAsync(() =>
        {
            _events.Start();
            _events.Update([Report(workers[0]), Report(workers[1])]);
            _held.Fault = new InvalidOperationException("no room");
            _events.Accept(WireFormat.Encode(workers[0].Batch(workers[0].Store(null, 1))));
            _events.Accept(WireFormat.Encode(workers[1].Batch(workers[1].Store(null, 1))));
            return 0;
        });
        Assert.Equal((0, 1), (_held.NumBlocks(workers[0].Id), _held.NumBlocks(workers[1].Id)));
        Assert.Single(_log.Lines, line => line.StartsWith("Error ") && line.Contains($"{workers[0].Id}"));

        await UntilAsync(() => _held.NumBlocks(workers[0].Id) == 1);
        Assert.Equal(["events 1", "events 1"], workers[0].Asked);
    }

    [Fact]
    public async Task Watch_GapAndSilence_AreAskedFor()
    {
        ScriptedWorker worker = Add(1);
        await OnSchedulerAsync(() =>
        {
            _events.Start();
            _events.Update([Report(worker)]);
            worker.Store(null, 1);
            _events.Accept(WireFormat.Encode(worker.Batch(worker.Store(1, 2))));
            return 0;
        });
        await UntilAsync(() => _held.NumBlocks(worker.Id) == 2);

        worker.Store(2, 3);
        await UntilAsync(() => _held.NumBlocks(worker.Id) == 3);
        Assert.Equal(1, _counts.NumGaps);
    }

    [Fact]
    public async Task Watch_WorkerThatTellsNothing_IsCountedAndSaidOnceAMinute()
    {
        ScriptedWorker worker = Add(1);
        LoadReport load = worker.Load() with { NumCachedBlocks = 7 };
        await OnSchedulerAsync(() =>
        {
            _events.Start();
            _events.Update([Report(worker)]);
            return 0;
        });
        for (int seconds = 0; seconds < 70; seconds++)
        {
            await OnSchedulerAsync(() =>
            {
                load = load with { Step = load.Step + 1 };
                _events.Accept(WireFormat.Encode(worker.Batch() with { Load = load }));
                return 0;
            });
            await TickAsync(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1, _counts.NumMismatched);
        Assert.Equal(2, _log.Lines.Count(static line => line.Contains("holds 7 cached blocks and has told of none")));
    }

    [Fact]
    public void Take_WhatCannotBeRead_IsCountedAndSaid()
    {
        _events.Accept([1, 2, 3]);
        _events.Accept([]);

        Assert.Equal(2, _counts.NumUnreadable);
        Assert.Single(_log.Lines);
    }

    private ScriptedWorker Add(long number, int maxEvents = 4096)
    {
        ScriptedWorker worker = new(maxEvents: maxEvents, generation: number, id: new WorkerId((ulong)number));
        _workers.Add(number, worker);
        return worker;
    }

    private static InstanceReport Report(ScriptedWorker worker) => new()
    {
        Key = new InstanceKey("m", SiloAddress.New(IPAddress.Loopback, 1, 1), worker.Generation),
        Worker = worker.Id,
        State = InstanceState.Ready,
    };

    private Task<T> OnSchedulerAsync<T>(Func<T> run) => Task.Factory.StartNew(run, CancellationToken.None, TaskCreationOptions.None, Schedulers.ExclusiveScheduler);

    private async Task TickAsync(TimeSpan step)
    {
        _time.Advance(step);

        // What the tick set off is queued before this.
        await OnSchedulerAsync(static () => 0);
    }

    private async Task UntilAsync(Func<bool> isTrue)
    {
        for (int i = 0; !await OnSchedulerAsync(isTrue); i++)
        {
            Assert.InRange(i, 0, 10_000);
            await TickAsync(RouterEvents.Interval);
        }
    }

    private sealed class ChangingSource(Func<ScriptedWorker> next) : IWorkerEventSource
    {
        public Task<EventBatch?> EventsAsync(long first) => next().EventsAsync(first);

        public Task<KVBlockPage?> PageAsync(int from) => next().PageAsync(from);
    }

    private sealed class UnlistedSource(ScriptedWorker worker) : IWorkerEventSource
    {
        public Task<EventBatch?> EventsAsync(long first) => worker.EventsAsync(first);

        public Task<KVBlockPage?> PageAsync(int from) => Task.FromException<KVBlockPage?>(new WireFormatException("another version"));
    }

    private sealed class GatedSource(ScriptedWorker worker, Task gate) : IWorkerEventSource
    {
        public Task<EventBatch?> EventsAsync(long first) => worker.EventsAsync(first);

        public async Task<KVBlockPage?> PageAsync(int from)
        {
            KVBlockPage? page = await worker.PageAsync(from);
            await gate;
            return page;
        }
    }
}
