using Dynamo.Cluster.Events;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Requests;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Events;

public sealed class WorkerEventStreamTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly HeldBlocks _held = new();
    private readonly EventCounts _counts = new();
    private readonly ScriptedWorker _worker = new();
    private readonly WorkerEventStream _stream;

    public WorkerEventStreamTests() => _stream = Listen(_worker);

    [Fact]
    public void New_AsksForEverythingFromTheFirstEvent()
    {
        _worker.Store(null, 1, 2);
        _worker.Store(2, 3);

        Assert.False(_stream.IsCurrent);
        _worker.AnswerAll(_stream);

        Assert.Equal(["events 1"], _worker.Asked);
        AssertExact(_worker, _stream);
    }

    [Fact]
    public void Accept_InOrder_AppliesEachAndAsksNothing()
    {
        _worker.AnswerAll(_stream);
        _stream.Accept(_worker.Batch(_worker.Store(null, 1, 2), _worker.Store(2, 3)));
        _stream.Accept(_worker.Batch(_worker.Remove(1, 3)));
        AssertExact(_worker, _stream, 2);
        _stream.Accept(_worker.Batch(_worker.Clear()));

        AssertExact(_worker, _stream);
        Assert.Equal(["events 1"], _worker.Asked);
        Assert.Equal((4, 0), (_counts.NumApplied, _counts.NumGaps));
    }

    [Fact]
    public void Accept_Doubled_IsAppliedOnce()
    {
        _worker.AnswerAll(_stream);
        KVEvent stored = _worker.Store(null, 1);
        KVEvent removed = _worker.Remove(1);
        _stream.Accept(_worker.Batch(stored, removed));
        _stream.Accept(_worker.Batch(stored));

        AssertExact(_worker, _stream);
        Assert.Equal(1, _counts.NumDoubles);
    }

    [Fact]
    public void Accept_OutOfOrder_WaitsForTheOneBefore()
    {
        _worker.AnswerAll(_stream);
        KVEvent first = _worker.Store(null, 1);
        KVEvent second = _worker.Store(1, 2);
        _stream.Accept(_worker.Batch(second));
        Assert.Equal(0, _held.NumBlocks(_worker.Id));
        Assert.Equal(EventAskKind.None, _stream.NextAsk().Kind);

        _time.Advance(WorkerEventStream.GapTimeout - TimeSpan.FromMilliseconds(1));
        _stream.Accept(_worker.Batch(first));

        AssertExact(_worker, _stream, 1, 2);
        Assert.Equal(EventAskKind.None, _stream.NextAsk().Kind);
    }

    [Fact]
    public void NextAsk_GapOfAHundredMilliseconds_AsksFromTheFirstMissing()
    {
        _worker.AnswerAll(_stream);
        _worker.Store(null, 1);
        _stream.Accept(_worker.Batch(_worker.Store(1, 2)));
        _time.Advance(WorkerEventStream.GapTimeout);

        Assert.Equal(new EventAsk(EventAskKind.Events, 1), _stream.NextAsk());
        _worker.AnswerAll(_stream);

        AssertExact(_worker, _stream, 1, 2);
        Assert.Equal((1, 0), (_counts.NumGaps, _counts.NumLists));
    }

    [Fact]
    public void NextAsk_LoadIsAhead_AsksAtOnce()
    {
        _worker.AnswerAll(_stream);
        _worker.Store(null, 1);
        _stream.Accept(_worker.Report());

        Assert.Equal(new EventAsk(EventAskKind.Events, 1), _stream.NextAsk());
        _worker.AnswerAll(_stream);

        AssertExact(_worker, _stream, 1);
    }

    [Fact]
    public void NextAsk_WindowIsFull_AsksAtOnce()
    {
        ScriptedWorker worker = new(numSlots: 200);
        WorkerEventStream stream = Listen(worker);
        worker.AnswerAll(stream);
        worker.Store(null, 1);
        for (ulong key = 2; key <= WorkerEventStream.Window; key++)
        {
            stream.Accept(worker.Batch(worker.Store(key - 1, key)));
        }

        Assert.Equal(EventAskKind.None, stream.NextAsk().Kind);
        stream.Accept(worker.Batch(worker.Store(null, 100)));
        Assert.Equal(new EventAsk(EventAskKind.Events, 1), stream.NextAsk());
        worker.AnswerAll(stream);

        AssertExact(worker, stream);
        Assert.Equal(1, _counts.NumBeyond);
    }

    [Fact]
    public void OnEvents_TooOld_ReadsTheListWhileNewerEventsWait()
    {
        (ScriptedWorker worker, WorkerEventStream stream) = TooFarBehind();
        Assert.Equal(new EventAsk(EventAskKind.Page, 0), stream.NextAsk());
        worker.Answer(stream, stream.NextAsk());
        Assert.Equal(new EventAsk(EventAskKind.Page, 16), stream.NextAsk());

        // Meanwhile a block of a page that was read leaves, one of a page to come leaves, and one comes where nothing is read again.
        stream.Accept(worker.Batch(worker.Remove(3)));
        stream.Accept(worker.Batch(worker.Remove(20)));
        stream.Accept(worker.Batch(worker.Store(30, 31)));
        Assert.False(stream.IsCurrent);
        worker.AnswerAll(stream);

        AssertExact(worker, stream);
        Assert.Equal(30 - 2 + 1, _held.NumBlocks(worker.Id));
        Assert.Equal(["events 1", "events 1", "page 0", "page 16", "page 32"], worker.Asked);
        Assert.Equal(1, _counts.NumLists);
    }

    [Fact]
    public void OnPage_SinkFailsAtTheLast_ThePageIsAskedForAgain()
    {
        (ScriptedWorker worker, WorkerEventStream stream) = TooFarBehind();
        worker.Answer(stream, stream.NextAsk());
        worker.Answer(stream, stream.NextAsk());
        _held.Fault = new InvalidOperationException("full");
        Assert.Throws<InvalidOperationException>(() => worker.Answer(stream, stream.NextAsk()));
        Assert.Equal(new EventAsk(EventAskKind.Page, 32), stream.NextAsk());

        worker.AnswerAll(stream);
        AssertExact(worker, stream);
        Assert.Equal(30, _held.NumBlocks(worker.Id));
    }

    [Fact]
    public void OnEvents_MoreThanOneAnswerHolds_AsksOn()
    {
        ScriptedWorker worker = new(numSlots: 3000);
        for (ulong key = 1; key <= 2500; key++)
        {
            worker.Store(null, key);
        }

        WorkerEventStream stream = Listen(worker);
        worker.AnswerAll(stream);

        Assert.Equal(["events 1", "events 1025", "events 2049"], worker.Asked);
        AssertExact(worker, stream);
    }

    [Fact]
    public void OnEvents_LiveEventsClosedTheGapMeanwhile_NoListIsRead()
    {
        ScriptedWorker worker = new(maxEvents: 1);
        WorkerEventStream stream = Listen(worker);
        worker.AnswerAll(stream);
        KVEvent late = worker.Store(null, 1);
        KVEvent next = worker.Store(1, 2);
        EventBatch tooOld = worker.Events(1);
        stream.Accept(worker.Batch(late, next));
        stream.OnEvents(1, tooOld);

        Assert.Equal(EventAskKind.None, stream.NextAsk().Kind);
        AssertExact(worker, stream, 1, 2);
        Assert.Equal(0, _counts.NumLists);
    }

    [Fact]
    public void OnEvents_NobodyGaveTheNumber_TheGapIsForgotten()
    {
        _worker.AnswerAll(_stream);
        _stream.Accept(_worker.Batch(_worker.Store(null, 1)));
        _stream.Accept(_worker.Batch(new KVEvent { Number = 1L << 40, Kind = KVEventKind.Cleared }));
        Assert.Equal(EventAskKind.Events, _stream.NextAsk().Kind);
        _worker.AnswerAll(_stream);

        AssertExact(_worker, _stream, 1);
        Assert.Equal(EventAskKind.None, _stream.NextAsk().Kind);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(long.MaxValue)]
    public void Accept_AnotherGeneration_IsDroppedAndCounted(long generation)
    {
        ScriptedWorker other = new(generation: generation);
        _worker.AnswerAll(_stream);
        _stream.Accept(other.Batch(other.Store(null, 7)));
        _stream.Accept(_worker.Batch(_worker.Store(null, 1)));

        AssertExact(_worker, _stream, 1);
        Assert.Equal((1, 1), (_counts.NumStale, _counts.NumApplied));
    }

    [Fact]
    public void NextAsk_WorkerIsSilent_IsAskedAgainAndAgain()
    {
        _worker.AnswerAll(_stream);
        _worker.Store(null, 1);
        _time.Advance(WorkerEventStream.SilenceTimeout - TimeSpan.FromMilliseconds(1));
        Assert.Equal(EventAskKind.None, _stream.NextAsk().Kind);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        _worker.AnswerAll(_stream);
        AssertExact(_worker, _stream, 1);

        _time.Advance(WorkerEventStream.SilenceTimeout);
        Assert.Equal(EventAskKind.Events, _stream.NextAsk().Kind);
    }

    [Fact]
    public void IsMismatched_BlocksHeldAndNoneTold_AfterAWhile()
    {
        EventBatch silent = _worker.Report();
        _worker.AnswerAll(_stream);
        _stream.Accept(silent with { Load = _worker.Load() with { NumCachedBlocks = 5, LastKVEvent = 0 } });
        Assert.False(_stream.IsMismatched);

        _time.Advance(WorkerEventStream.MismatchTimeout);
        Assert.True(_stream.IsMismatched);

        _stream.Accept(_worker.Batch(_worker.Store(null, 1)) with { Load = _worker.Load() });
        Assert.False(_stream.IsMismatched);
    }

    [Fact]
    public void Accept_OlderLoad_IsIgnored()
    {
        EventBatch older = _worker.Report();
        _stream.Accept(_worker.Report());
        _stream.Accept(older);

        Assert.Equal(2, _stream.Load!.Step);
    }

    [Fact]
    public void Accept_SequencesOfAnOlderLoad_AreNoNews()
    {
        RequestId begun = RequestId.New();
        EventBatch older = _worker.Report() with { Live = [] };
        _stream.Accept(_worker.Report() with { Live = [begun] });
        _stream.Accept(older);

        Assert.Equal([begun], _held.Live[_worker.Id]);
    }

    [Fact]
    public void IsMismatched_AnswerWithoutALoad_IsNotJudged()
    {
        _worker.AnswerAll(_stream);
        _stream.Accept(_worker.Batch() with { Load = _worker.Load() with { NumCachedBlocks = 5 } });
        _time.Advance(WorkerEventStream.MismatchTimeout);
        _stream.OnEvents(1, _worker.Batch());

        Assert.False(_stream.IsMismatched && _stream.Load is null);
    }

    [Fact]
    public void Accept_SinkFails_TheEventIsNotPassedOver()
    {
        _worker.AnswerAll(_stream);
        _held.Fault = new InvalidOperationException("no room");
        Assert.Throws<InvalidOperationException>(() => _stream.Accept(_worker.Batch(_worker.Store(null, 1))));

        _stream.Accept(_worker.Report());
        _worker.AnswerAll(_stream);

        AssertExact(_worker, _stream, 1);
        Assert.Equal(1, _counts.NumStored);
    }

    private WorkerEventStream Listen(ScriptedWorker worker) => new(worker.Id, worker.Generation, _held, _time, _counts);

    // A worker of 30 blocks on three pages, whose events a listener has missed and can no longer get.
    private (ScriptedWorker Worker, WorkerEventStream Stream) TooFarBehind()
    {
        ScriptedWorker worker = new(numSlots: 40, maxEvents: 4, pageSize: 16);
        WorkerEventStream stream = Listen(worker);
        worker.AnswerAll(stream);
        for (ulong key = 1; key <= 30; key++)
        {
            worker.Store(key == 1 ? null : key - 1, key);
        }

        stream.Accept(worker.Report());
        worker.Answer(stream, stream.NextAsk());
        return (worker, stream);
    }

    private void AssertExact(ScriptedWorker worker, WorkerEventStream stream, params ulong[] blocks)
    {
        Assert.Equal(worker.Held.Order(), _held.Of(worker.Id).Order());
        Assert.Equal(worker.Last, stream.Last);
        Assert.True(stream.IsCurrent);
        if (blocks.Length > 0)
        {
            Assert.Equal(blocks, _held.Of(worker.Id).Order());
        }
    }
}
