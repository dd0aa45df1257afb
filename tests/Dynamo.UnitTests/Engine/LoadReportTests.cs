using Dynamo.Protocol.Load;
using Dynamo.UnitTests.Engine.Support;
using Xunit;
using static Dynamo.UnitTests.Engine.Support.TestRequests;

namespace Dynamo.UnitTests.Engine;

public sealed class LoadReportTests
{
    [Fact]
    public void Load_ThroughTwoSequences_CountsEachStep()
    {
        using LoopDriver driver = new(numBlocks: 10, maxBatchedTokens: 16);
        LoadReport start = driver.Load;
        Assert.Equal((new WorkerId(9), 3L, 0L, 10), (start.Worker, start.Generation, start.Step, start.NumTotalBlocks));

        driver.Submit(Of(1, Prompt(6), Greedy with { MaxTokens = 3 }));
        driver.Submit(Of(2, Prompt(20, first: 7), Greedy with { MaxTokens = 2 }));
        Assert.Equal((0, 2), (driver.Load.NumRunning, driver.Load.NumWaiting));

        // Budget 16: six of the first, ten of the second.
        driver.Step();
        AssertStep(driver.Load, step: 1, running: 2, queued: 10, used: 3, prefill: 16, decode: 0);

        // One decode; the second's last ten.
        driver.Step();
        AssertStep(driver.Load, step: 2, running: 2, queued: 0, used: 4, prefill: 10, decode: 1);

        // Both end with their last token: three full blocks stay cached.
        driver.Step();
        AssertStep(driver.Load, step: 3, running: 0, queued: 0, used: 0, prefill: 0, decode: 2);
        LoadReport end = driver.Load;
        Assert.Equal((3, 26L, 0L, 0L), (end.NumCachedBlocks, end.NumPrefixQueryTokens, end.NumPrefixHitTokens, end.NumPreemptions));
    }

    [Fact]
    public void Load_PromptOfOneToken_IsPrefillAndThenDecode()
    {
        using LoopDriver driver = new(numBlocks: 10);
        driver.Submit(Of(1, Prompt(1)));

        driver.Step();
        AssertStep(driver.Load, step: 1, running: 1, queued: 0, used: 1, prefill: 1, decode: 0);
        driver.Step();
        AssertStep(driver.Load, step: 2, running: 1, queued: 0, used: 1, prefill: 0, decode: 1);
    }

    [Fact]
    public void Load_PrefixHit_IsCounted()
    {
        using LoopDriver driver = new(numBlocks: 10);
        driver.Submit(Of(1, Prompt(20), Greedy with { MaxTokens = 1 }));
        driver.RunToEnd();
        driver.Submit(Of(2, Prompt(20), Greedy with { MaxTokens = 1 }));
        driver.RunToEnd();

        Assert.Equal((40L, 16L), (driver.Load.NumPrefixQueryTokens, driver.Load.NumPrefixHitTokens));
        Assert.Equal((0, 16), (driver.Listener.Of(Id(1)).NumCachedTokens, driver.Listener.Of(Id(2)).NumCachedTokens));
    }

    [Fact]
    public void Load_AfterASecondAbortOrEnd_NeverNegative()
    {
        using LoopDriver driver = new(numBlocks: 10);
        driver.Abort(driver.Submit(Of(1, Prompt(3))));

        Assert.Equal((0, 0, 0L), (driver.Load.NumRunning, driver.Load.NumWaiting, driver.Load.NumQueuedPrefillTokens));
    }

    [Fact]
    public void Load_EngineGone_NothingRunsAndNoBlockIsUsedOrCached()
    {
        LoopDriver driver = new(numBlocks: 10);
        driver.Submit(Of(1, Prompt(20)));
        driver.Step();
        Assert.Equal((1, 3), (driver.Load.NumRunning, driver.Load.NumUsedBlocks));

        driver.Dispose();

        AssertStep(driver.Load, step: 1, running: 0, queued: 0, used: 0, prefill: 0, decode: 0);
        Assert.Equal((0, driver.Listener.Events.Last().Number), (driver.Load.NumCachedBlocks, driver.Load.LastKVEvent));
    }

    private static void AssertStep(LoadReport load, long step, int running, long queued, int used, int prefill, int decode)
    {
        Assert.Equal((step, running, queued, used), (load.Step, load.NumRunning, load.NumQueuedPrefillTokens, load.NumUsedBlocks));
        Assert.Equal((prefill, decode), (load.LastStepPrefillTokens, load.LastStepDecodeSequences));
    }
}
