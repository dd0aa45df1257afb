using Dynamo.Engine.Configuration;
using Dynamo.Engine.Sharing;
using Xunit;

namespace Dynamo.UnitTests.Engine.Sharing;

public sealed class MemorySharingTests : IDisposable
{
    // So much more than this process takes while a test runs that what it takes does not show.
    private const long Free = 1L << 50;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dynamo-memory-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Decide_Alone_HalfOfWhatIsFree()
    {
        using MemorySharing engine = Join();

        AssertAbout(Free / 2, Size(engine));
    }

    [Fact]
    public void Decide_TwoThatStartTogether_AQuarterEach()
    {
        using MemorySharing first = Join();
        using MemorySharing second = Join();

        AssertAbout(Free / 4, Size(first));
        AssertAbout(Free / 4, Size(second));
    }

    [Fact]
    public void Decide_AnotherHasItsCacheButHasNotFilledIt_OnlyTheRestIsFree()
    {
        using MemorySharing first = Join();
        long taken = Size(first);
        using MemorySharing second = Join();

        AssertAbout((Free - taken) / 3, Size(second));
    }

    [Fact]
    public void Decide_AnotherOfGivenSize_ItsSizeIsNotFree()
    {
        using MemorySharing first = Join(isGiven: true);
        first.Decide(static (_, _) => Free / 2);
        using MemorySharing second = Join();

        AssertAbout(Free / 4, Size(second));
    }

    [Fact]
    public void Decide_WeightsOfAnotherStillToCome_AreNotFree()
    {
        using MemorySharing first = Join();
        first.Promise(Free / 2);
        using MemorySharing second = Join();

        AssertAbout(Free / 8, Size(second));
    }

    [Fact]
    public void Decide_AnotherLeft_ItsMemoryIsFree()
    {
        MemorySharing first = Join();
        Size(first);
        first.Dispose();
        using MemorySharing second = Join();

        AssertAbout(Free / 2, Size(second));
    }

    [Fact]
    public void Decide_Fails_TheNextHasItsTurn()
    {
        using MemorySharing first = Join();
        Assert.Throws<EngineStartException>(() => first.Decide(static (_, _) => throw new EngineStartException("too little")));
        using MemorySharing second = Join();

        AssertAbout(Free / 4, Size(second));
    }

    private MemorySharing Join(bool isGiven = false) => new(ClaimTable<MemoryClaim>.TryTake(_folder.FullName, "memory"), isGiven, static () => Free);

    private static long Size(MemorySharing engine)
    {
        long size = 0;
        engine.Decide((free, part) => size = (long)(free * part));
        return size;
    }

    private static void AssertAbout(long expected, long actual) => Assert.InRange((double)actual / expected, 0.999, 1.001);
}
