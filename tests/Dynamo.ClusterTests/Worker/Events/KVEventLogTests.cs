using Dynamo.Protocol.KV;
using Dynamo.Worker.Events;
using Xunit;

namespace Dynamo.ClusterTests.Worker.Events;

public sealed class KVEventLogTests
{
    [Fact]
    public void TryRead_EventsThatAreHere_ComeInOrderFromTheFirst()
    {
        KVEventLog log = new(maxEvents: 4);
        Append(log, 1, 1, 1);

        Assert.Equal([2L, 3L], Read(log, 2)!);
        Assert.Equal([], Read(log, 4)!);
        Assert.Equal(3, log.Last);
    }

    [Fact]
    public void Append_MoreEventsThanFit_TheOldestLeave()
    {
        KVEventLog log = new(maxEvents: 4);
        Append(log, 1, 1, 1, 1, 1, 1);

        Assert.Null(Read(log, 2));
        Assert.Equal([3L, 4L, 5L, 6L], Read(log, 3)!);
    }

    [Fact]
    public void Append_MoreBlocksThanFit_TheOldestLeaveAndTheNewestStays()
    {
        KVEventLog log = new(maxEvents: 100, maxBlocks: 10);
        Append(log, 4, 4, 4);
        Assert.Null(Read(log, 1));
        Assert.Equal([2L, 3L], Read(log, 2)!);

        Append(log, 11);
        Assert.Null(Read(log, 3));
        Assert.Equal([4L], Read(log, 4)!);

        Append(log, 1);
        Assert.Equal([5L], Read(log, 5)!);
    }

    [Fact]
    public void TryRead_MoreThanABatchHolds_StopsAtItsLimits()
    {
        KVEventLog log = new();
        Append(log, [.. Enumerable.Repeat(1, EventBatch.MaxEvents + 1)]);
        Append(log, 4000, 4000, 4000, 4000);

        Assert.Equal(EventBatch.MaxEvents, Read(log, 1)!.Count);
        Assert.Equal([1026L, 1027L, 1028L], Read(log, 1026)!);
    }

    [Fact]
    public void Append_ANumberTooFar_IsRefused()
    {
        KVEventLog log = new();

        Assert.Throws<ArgumentException>(() => log.Append(Event(2, 1)));
    }

    [Fact]
    public void Append_WarmedUp_AllocatesNothing()
    {
        KVEventLog log = new(maxEvents: 16);
        KVEvent[] events = [.. Enumerable.Range(1, 100).Select(static number => Event(number, 1))];
        log.Append(events[0]);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 1; i < events.Length; i++)
        {
            log.Append(events[i]);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Append(KVEventLog log, params int[] numBlocks)
    {
        foreach (int count in numBlocks)
        {
            log.Append(Event(log.Last + 1, count));
        }
    }

    private static KVEvent Event(long number, int numBlocks) =>
        new() { Number = number, Kind = KVEventKind.Removed, Blocks = new BlockKey[numBlocks] };

    private static List<long>? Read(KVEventLog log, long first)
    {
        List<KVEvent> events = [];
        return log.TryRead(first, events) ? [.. events.Select(static kvEvent => kvEvent.Number)] : null;
    }
}
