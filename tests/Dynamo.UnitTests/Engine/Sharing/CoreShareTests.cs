using Dynamo.Engine.Sharing;
using Xunit;

namespace Dynamo.UnitTests.Engine.Sharing;

public sealed class CoreShareTests
{
    [Theory]
    [InlineData(2, 1, new[] { 2 })]
    [InlineData(2, 2, new[] { 1, 1 })]
    [InlineData(2, 3, new[] { 1, 1, 1 })] // More engines than cores: one thread each, which waits for nobody.
    [InlineData(2, 8, new[] { 1, 1, 1, 1, 1, 1, 1, 1 })]
    [InlineData(8, 3, new[] { 3, 3, 2 })]
    [InlineData(64, 5, new[] { 13, 13, 13, 13, 12 })]
    public void Of_EqualEngines_EqualParts(int numCores, int numEngines, int[] shares) =>
        Assert.Equal(shares, Shares([.. Enumerable.Repeat(Claim(0, numCores), numEngines)]));

    [Fact]
    public void Of_MasksThatDoNotMeet_EachHasItsOwn() => Assert.Equal([3, 2], Shares(Claim(0, 3), Claim(3, 2)));

    [Fact]
    public void Of_MaskWithinAnothers_TheWiderOneUsesTheRest() => Assert.Equal([2, 2], Shares(Claim(0, 4), Claim(0, 2)));

    [Fact]
    public void Of_CoreThatIsGivenButNeededElsewhere_IsExchanged()
    {
        // 0 may run on 0 and 1, 1 on 1 and 2, 2 on 0 only: each can have one core when 0 takes 1 and 1 takes 2.
        Assert.Equal([1, 1, 1], Shares(Claim(0, 2), Claim(1, 2), Claim(0, 1)));
    }

    [Fact]
    public void Of_FixedNumber_HasItAndLeavesTheRest()
    {
        CoreClaim given = Claim(0, 8) with { NumThreads = 5, IsFixed = 1 };

        Assert.Equal([2, 5, 1], Shares(Claim(0, 8), given, Claim(0, 8)));
    }

    [Fact]
    public void Of_FixedNumberAboveTheCores_HasItAndOthersOneThread() =>
        Assert.Equal([4, 1], Shares(Claim(0, 2) with { NumThreads = 4, IsFixed = 1 }, Claim(0, 2)));

    [Fact]
    public void Of_UseForFewThreads_OthersHaveTheRest() => Assert.Equal([1, 7], Shares(Claim(0, 8) with { NumThreads = 1 }, Claim(0, 8)));

    [Fact]
    public void Of_QuotaOfAGroup_IsForAllOfTheGroupTogether()
    {
        // Two in a container of 3 cores and one outside, on a host of 16.
        CoreClaim inside = Claim(0, 16) with { Group = 7, GroupCores = 3, NumThreads = 3 };

        Assert.Equal([2, 13, 1], Shares(inside, Claim(0, 16), inside));
    }

    [Fact]
    public void Of_QuotasOfTwoGroups_AreApart()
    {
        CoreClaim one = Claim(0, 16) with { Group = 7, GroupCores = 2 };
        CoreClaim other = Claim(0, 16) with { Group = 8, GroupCores = 4 };

        Assert.Equal([2, 4], Shares(one, other));
    }

    [Fact]
    public void Of_ProcessorsBeyondTheFirstWords_CountToo() => Assert.Equal([2, 2], Shares(Claim(1000, 4), Claim(1000, 4)));

    // An engine on processors first, first + 1, ...
    private static CoreClaim Claim(int first, int count) => new()
    {
        Processors = CpuSet.Of([.. Enumerable.Range(first, count)]),
        NumThreads = count,
    };

    private static int[] Shares(params CoreClaim[] claims) => [.. Enumerable.Range(0, claims.Length).Select(own => CoreShare.Of(claims, own))];
}
