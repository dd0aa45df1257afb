using Dynamo.Engine.Scheduling;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Requests;
using Dynamo.UnitTests.Engine.Support;
using Xunit;
using static Dynamo.UnitTests.Engine.Support.TestRequests;

namespace Dynamo.UnitTests.Engine;

/// <summary>What an index of prefixes hears, with blocks of eight tokens.</summary>
public sealed class KVEventTests
{
    [Fact]
    public void OnKVEvent_OneSequence_OneEventForAllBlocksOfAStepThenOneForEach()
    {
        using LoopDriver driver = new(numBlocks: 10);
        Sequence sequence = driver.Submit(Of(1, Prompt(23), Greedy with { MaxTokens = 10 }));
        driver.RunToEnd();

        KVEvent[] events = [.. driver.Listener.Events];
        Assert.Equal(3, events.Length);
        AssertStored(events[0], 1, null, sequence, 0, 1);
        AssertStored(events[1], 2, sequence.BlockHash(1, 8).Key, sequence, 2);
        AssertStored(events[2], 3, sequence.BlockHash(2, 8).Key, sequence, 3);
        Assert.Equal(3, driver.Load.LastKVEvent);
    }

    [Fact]
    public void OnKVEvent_TwoSequencesInAStep_AnEventForEachChain()
    {
        using LoopDriver driver = new(numBlocks: 10);
        Sequence a = driver.Submit(Of(1, Prompt(17), Greedy with { MaxTokens = 1 }));
        Sequence b = driver.Submit(Of(2, Prompt(17, first: 30), Greedy with { MaxTokens = 1 }));
        driver.Step();

        KVEvent[] events = [.. driver.Listener.Events];
        Assert.Equal(2, events.Length);
        AssertStored(events[0], 1, null, a, 0, 1);
        AssertStored(events[1], 2, null, b, 0, 1);
    }

    [Fact]
    public void OnKVEvent_BlocksReused_RemovedIsToldBeforeWhatIsStoredInThem()
    {
        using LoopDriver driver = new(numBlocks: 3);
        Sequence a = driver.Submit(Of(1, Prompt(17), Greedy with { MaxTokens = 1 }));
        driver.RunToEnd();
        Sequence b = driver.Submit(Of(2, Prompt(17, first: 30), Greedy with { MaxTokens = 1 }));
        driver.RunToEnd();

        KVEvent[] events = [.. driver.Listener.Events];
        Assert.Equal([KVEventKind.Stored, KVEventKind.Removed, KVEventKind.Stored], events.Select(static e => e.Kind));
        Assert.Equal([1L, 2L, 3L], events.Select(static e => e.Number));
        Assert.Equal([a.BlockHash(1, 8).Key, a.BlockHash(0, 8).Key], events[1].Blocks);
        Assert.Null(events[1].Parent);
        AssertStored(events[2], 3, null, b, 0, 1);
    }

    [Fact]
    public void OnKVEvent_PrefixHit_IsNotStoredAgain()
    {
        using LoopDriver driver = new(numBlocks: 10);
        driver.Submit(Of(1, Prompt(17), Greedy with { MaxTokens = 1 }));
        driver.RunToEnd();
        driver.Submit(Of(2, Prompt(17), Greedy with { MaxTokens = 1 }));
        driver.RunToEnd();

        Assert.Single(driver.Listener.Events);
    }

    [Fact]
    public void OnKVEvent_EngineGone_Cleared()
    {
        LoopDriver driver = new(numBlocks: 10);
        driver.Submit(Of(1, Prompt(17), Greedy with { MaxTokens = 1 }));
        driver.RunToEnd();
        driver.Dispose();

        KVEvent last = driver.Listener.Events.Last();
        Assert.Equal((2L, KVEventKind.Cleared, 0), (last.Number, last.Kind, last.Blocks.Length));
    }

    [Fact]
    public void OnKVEvent_CacheEmptied_ClearedAndTheSamePromptIsComputedAnew()
    {
        using LoopDriver driver = new(numBlocks: 10);
        driver.Submit(Of(1, Prompt(17), Greedy with { MaxTokens = 1 }));
        driver.RunToEnd();

        driver.ForgetCached();

        Assert.Equal((0, 2L), (driver.Load.NumCachedBlocks, driver.Load.LastKVEvent));
        Sequence again = driver.Submit(Of(2, Prompt(17), Greedy with { MaxTokens = 1 }));
        driver.RunToEnd();
        Assert.Equal(0, again.NumCachedTokens);
        Assert.Equal([KVEventKind.Stored, KVEventKind.Cleared, KVEventKind.Stored], driver.Listener.Events.Select(static e => e.Kind));
    }

    [Fact]
    public void OnKVEvent_CacheEmptiedWhileASequenceRuns_ItsBlocksStay()
    {
        using LoopDriver driver = new(numBlocks: 20);
        Sequence over = driver.Submit(Of(1, Prompt(17, first: 30), Greedy with { MaxTokens = 1 }));
        driver.RunToEnd();
        driver.Submit(Of(2, Prompt(17), Greedy with { MaxTokens = 20 }));
        driver.Step();

        driver.ForgetCached();

        KVEvent last = driver.Listener.Events.Last();
        Assert.Equal(KVEventKind.Removed, last.Kind);
        Assert.Equal(new[] { over.BlockHash(0, 8).Key, over.BlockHash(1, 8).Key }.ToHashSet(), last.Blocks.ToHashSet());
        Sequence sharing = driver.Submit(Of(3, Prompt(17), Greedy with { MaxTokens = 1 }));
        driver.RunToEnd();
        Assert.Equal(16, sharing.NumCachedTokens);
    }

    [Fact]
    public void OnKVEvent_CachingOff_None()
    {
        using LoopDriver driver = new(numBlocks: 10, prefixCaching: false);
        driver.Submit(Of(1, Prompt(17)));
        driver.RunToEnd();

        Assert.Empty(driver.Listener.Events);
    }

    [Fact]
    public void OnKVEvent_RandomLoad_AnIndexOfTheEventsKnowsEveryHitBeforehand()
    {
        using LoopDriver driver = new(numBlocks: 24, maxNumSequences: 4);
        HashSet<BlockKey> index = [];
        long last = 0;
        int numHits = 0;
        driver.Listener.OnEvent = kvEvent =>
        {
            Assert.Equal(++last, kvEvent.Number);
            if (kvEvent.Kind == KVEventKind.Removed)
            {
                Assert.All(kvEvent.Blocks, block => Assert.True(index.Remove(block)));
                return;
            }

            Assert.True(kvEvent.Parent is not { } parent || index.Contains(parent), $"event {kvEvent.Number} names a parent that was never told");
            Assert.All(kvEvent.Blocks, block => Assert.True(index.Add(block)));
        };
        Random random = new(4);
        for (int id = 1; id <= 400; id += 4)
        {
            // Nothing runs, so the first of four is admitted with what the index knows now.
            Sequence first = driver.Submit(RandomRequest(random, id));
            int known = 0;
            while (known < 7 && index.Contains(first.BlockHash(known, 8).Key))
            {
                known++;
            }

            driver.Submit(RandomRequest(random, id + 1));
            driver.Submit(RandomRequest(random, id + 2));
            driver.Submit(RandomRequest(random, id + 3));
            driver.RunToEnd();
            Assert.Equal(known * 8, first.NumCachedTokens);
            numHits += known;
        }

        Assert.InRange(numHits, 50, 600);
        Assert.Equal(index.Count, driver.Load.NumCachedBlocks);
        Assert.Equal(last, driver.Load.LastKVEvent);
    }

    private static GenerationRequest RandomRequest(Random random, int id)
    {
        int common = random.Next(60);
        int family = random.Next(3) * 16;
        int[] prompt = [.. Enumerable.Range(0, 60).Select(i => i < common ? (i + family) % 64 : random.Next(64))];
        return Of(id, prompt, Greedy with { MaxTokens = 1 + random.Next(12) });
    }

    private static void AssertStored(KVEvent kvEvent, long number, BlockKey? parent, Sequence sequence, params int[] blocks)
    {
        Assert.Equal((KVEventKind.Stored, number, parent), (kvEvent.Kind, kvEvent.Number, kvEvent.Parent));
        Assert.Equal(blocks.Select(i => sequence.BlockHash(i, 8).Key), kvEvent.Blocks);
    }
}
