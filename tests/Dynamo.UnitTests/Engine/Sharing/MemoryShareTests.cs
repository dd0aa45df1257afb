using Dynamo.Engine.Sharing;
using Xunit;

namespace Dynamo.UnitTests.Engine.Sharing;

public sealed class MemoryShareTests
{
    [Fact]
    public void Part_Alone_IsHalf() => Assert.Equal(0.5, MemoryShare.Part([]));

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Part_EnginesThatStartTogether_ShareOneHalfEqually(int numEngines)
    {
        double free = 48_000;
        double first = free * MemoryShare.Part([.. Engines(numEngines - 1, SizingState.Pending)]);
        for (int numDone = 0; numDone < numEngines; numDone++)
        {
            double size = free * MemoryShare.Part([.. Engines(numDone, SizingState.Done), .. Engines(numEngines - 1 - numDone, SizingState.Pending)]);
            Assert.Equal(first, size, precision: 6);
            free -= size;
        }

        Assert.Equal(24_000, free, precision: 6);
    }

    [Fact]
    public void Part_OneThatComesLater_LeavesMostOfTheRest() => Assert.Equal(1.0 / 3, MemoryShare.Part([.. Engines(1, SizingState.Done)]));

    [Fact]
    public void Part_EnginesOfGivenSize_DoNotCount() => Assert.Equal(0.5, MemoryShare.Part([.. Engines(5, SizingState.Given)]));

    [Fact]
    public void Unclaimed_NothingOfAClaimUsedYet_AllOfItIsGone() => Assert.Equal(600, Unclaimed(1000, used: 50, new MemoryClaim { PromisedBytes = 400, BaseBytes = 50 }));

    [Fact]
    public void Unclaimed_PartOfAClaimUsed_OnlyTheRestIsStillToCome() =>
        Assert.Equal(700, Unclaimed(1000, used: 150, new MemoryClaim { PromisedBytes = 400, BaseBytes = 50 }));

    [Fact]
    public void Unclaimed_MoreUsedThanClaimed_GivesNothingBack() =>
        Assert.Equal(1000, Unclaimed(1000, used: 900, new MemoryClaim { PromisedBytes = 400, BaseBytes = 50 }));

    [Fact]
    public void Unclaimed_LessUsedThanBefore_CountsTheClaimOnce() =>
        Assert.Equal(600, Unclaimed(1000, used: 20, new MemoryClaim { PromisedBytes = 400, BaseBytes = 50 }));

    [Fact]
    public void Unclaimed_ProcessOutOfSight_CountsAllOfIt() =>
        Assert.Equal(600, Unclaimed(1000, used: null, new MemoryClaim { PromisedBytes = 400, BaseBytes = 50 }));

    [Fact]
    public void Unclaimed_MoreClaimedThanFree_IsNone() => Assert.Equal(0, Unclaimed(300, used: null, new MemoryClaim { PromisedBytes = 400 }));

    private static IEnumerable<MemoryClaim> Engines(int count, SizingState sizing) => Enumerable.Repeat(new MemoryClaim { Sizing = sizing }, count);

    private static long Unclaimed(long freeBytes, long? used, MemoryClaim claim) => MemoryShare.Unclaimed(freeBytes, [claim], _ => used);
}
