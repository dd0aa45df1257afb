using Dynamo.Engine.Blocks;
using Dynamo.Engine.Configuration;
using Dynamo.Engine.Loop;
using Dynamo.Engine.Scheduling;
using Dynamo.Protocol.KV;
using Dynamo.Protocol.Load;
using Dynamo.UnitTests.Engine.Support;
using Xunit;
using static Dynamo.UnitTests.Engine.Support.TestRequests;

namespace Dynamo.UnitTests.Engine;

/// <summary>The list of what the prefix cache holds, with blocks of eight tokens.</summary>
public sealed class CachedBlockListTests
{
    private static readonly EngineConfig Config = new() { Worker = new WorkerId(9), Generation = 3 };

    [Fact]
    public async Task List_TwoSequences_HasBothChainsWithTheirParents()
    {
        using LoopDriver driver = new(numBlocks: 10);
        Sequence a = driver.Submit(Of(1, Prompt(17), Greedy with { MaxTokens = 1 }));
        driver.RunToEnd();
        Sequence b = driver.Submit(Of(2, [.. Prompt(8), .. Prompt(9, first: 30)], Greedy with { MaxTokens = 1 }));
        driver.RunToEnd();

        KVBlockPage page = await driver.ListAsync(0);

        Assert.Equal((Config.Worker, Config.Generation, driver.Load.LastKVEvent), (page.Worker, page.Generation, page.LastEvent));
        Assert.Null(page.Next);
        Assert.Equal(
            new Dictionary<BlockKey, BlockKey?> { [a.BlockHash(0, 8).Key] = null, [a.BlockHash(1, 8).Key] = a.BlockHash(0, 8).Key, [b.BlockHash(1, 8).Key] = a.BlockHash(0, 8).Key },
            Parents([page]));
    }

    [Fact]
    public async Task List_BetweenPagesTheCacheChanges_TheListWithLaterEventsIsExact()
    {
        using LoopDriver driver = new(numBlocks: BlockPageRequest.Size + 64, maxModelLength: 512, maxNumSequences: 4, maxBatchedTokens: 512);
        HashSet<BlockKey> truth = [];
        List<KVEvent> events = [];
        driver.Listener.OnEvent = kvEvent =>
        {
            events.Add(kvEvent);
            Apply(truth, kvEvent);
        };
        Random random = new(5);
        int id = 1;
        RunSome(5000 / 40);
        for (int round = 0; round < 10; round++)
        {
            KVBlockPage first = await driver.ListAsync(0);
            RunSome(10);
            KVBlockPage second = await driver.ListAsync(first.Next!.Value);
            RunSome(3);

            HashSet<BlockKey> view = [.. Parents([first, second]).Keys];
            foreach (KVEvent kvEvent in events.Where(kvEvent => kvEvent.Number > first.LastEvent))
            {
                Apply(view, kvEvent);
            }

            Assert.Null(second.Next);
            Assert.True(second.LastEvent > first.LastEvent);
            Assert.True(truth.SetEquals(view), $"round {round}: {truth.Count} blocks are held, {view.Count} listed");
        }

        void RunSome(int numSequences)
        {
            for (int i = 0; i < numSequences; i++)
            {
                int[] prompt = [.. Enumerable.Range(0, 400).Select(_ => random.Next(LoopDriver.VocabularySize))];
                driver.Submit(Of(id++, prompt, Greedy with { MaxTokens = 1 }));
            }

            driver.RunToEnd();
        }
    }

    [Fact]
    public async Task ListCachedBlocksAsync_EngineIdleOrStopped_AnswersAtOnce()
    {
        TestEngine engine = await TestEngine.StartAsync();
        await engine.AnswerAsync(Of(1, Prompt(40), Greedy with { MaxTokens = 1 }));

        KVBlockPage page = (await engine.Engine.ListCachedBlocksAsync(0))!;
        KVBlockPage beyond = (await engine.Engine.ListCachedBlocksAsync(int.MaxValue))!;
        await engine.DisposeAsync();

        Assert.Equal(engine.Listener.Events.SelectMany(static e => e.Blocks), page.Runs.SelectMany(static run => run.Blocks));
        Assert.Empty(beyond.Runs);
        Assert.Null(beyond.Next);
        Assert.Null(await engine.Engine.ListCachedBlocksAsync(0));
    }

    [Fact]
    public void OnStored_MoreBlocksThanAnEventMayHave_AreToldInSeveral()
    {
        RecordingListener listener = new();
        KVEventEmitter emitter = new(listener);
        BlockKey? parent = null;
        for (int i = 1; i <= KVEvent.MaxBlocks + 1; i++)
        {
            emitter.OnStored(parent, new BlockKey((ulong)i));
            parent = new BlockKey((ulong)i);
        }

        for (int i = 1; i <= KVEvent.MaxBlocks + 1; i++)
        {
            emitter.OnRemoved(new BlockKey((ulong)i));
        }

        emitter.Flush();

        Assert.Equal(
            [(1, KVEventKind.Stored, KVEvent.MaxBlocks), (2, KVEventKind.Stored, 1), (3, KVEventKind.Removed, KVEvent.MaxBlocks), (4, KVEventKind.Removed, 1)],
            listener.Events.Select(static e => (e.Number, e.Kind, e.Blocks.Length)));
        Assert.Equal([null, new BlockKey(KVEvent.MaxBlocks)], listener.Events.Take(2).Select(static e => e.Parent));
    }

    private static Dictionary<BlockKey, BlockKey?> Parents(IEnumerable<KVBlockPage> pages)
    {
        Dictionary<BlockKey, BlockKey?> parents = [];
        foreach (KVBlockRun run in pages.SelectMany(static page => page.Runs))
        {
            BlockKey? parent = run.Parent;
            foreach (BlockKey block in run.Blocks)
            {
                parents[block] = parent;
                parent = block;
            }
        }

        return parents;
    }

    private static void Apply(HashSet<BlockKey> held, KVEvent kvEvent)
    {
        foreach (BlockKey block in kvEvent.Blocks)
        {
            _ = kvEvent.Kind == KVEventKind.Stored ? held.Add(block) : held.Remove(block);
        }
    }
}
