using Dynamo.Engine.Blocks;
using Dynamo.Engine.Configuration;
using Dynamo.Protocol.Load;
using Xunit;

namespace Dynamo.UnitTests.Engine.Blocks;

public sealed class PoolSizeTests
{
    private static readonly EngineConfig Config = new() { Worker = new WorkerId(1), Generation = 1, BlockSize = 16, MaxNumSequences = 4 };

    [Theory]
    [InlineData(1_000_000, 40)] // Half of the memory would hold 5,000: four sequences of 160 tokens need ten blocks each.
    [InlineData(6_000, 30)]
    [InlineData(2_000, 10)]
    public void Decide_FromMemory_HalfOfItButNoMoreThanCanBeUsed(long freeBytes, int numBlocks) =>
        Assert.Equal((numBlocks, 160), PoolSize.Decide(Config, maxPositions: 160, bytesPerBlock: 100, freeBytes, part: 0.5));

    [Fact]
    public void Decide_MemoryGiven_IsUsedWhateverIsFree() =>
        Assert.Equal((7, 112), PoolSize.Decide(Config with { KVCacheBytes = 799 }, 160, 100, freeBytes: 0, part: 0.5));

    [Fact]
    public void Decide_MemoryGivenHoldsNoBlock_SaysSo() =>
        Assert.Contains("KVCacheBytes 99 bytes", Assert.Throws<EngineStartException>(() => PoolSize.Decide(Config with { KVCacheBytes = 99 }, 160, 100, 1 << 20, 0.5)).Message);

    [Fact]
    public void Decide_LittleMemory_LowersTheLongestSequence() =>
        Assert.Equal((5, 80), PoolSize.Decide(Config, maxPositions: 160, bytesPerBlock: 100, freeBytes: 1_000, part: 0.5));

    [Fact]
    public void Decide_LittleMemoryAndALengthAskedFor_Refuses()
    {
        EngineStartException thrown = Assert.Throws<EngineStartException>(
            () => PoolSize.Decide(Config with { MaxModelLength = 100 }, 160, 100, freeBytes: 1_000, part: 0.5));

        Assert.Contains("MaxModelLength 100 needs 7 blocks of 16 tokens; the cache has 5 (80 tokens)", thrown.Message);
    }

    [Fact]
    public void Decide_BlocksGiven_TheyHoldWhateverTheMemory() =>
        Assert.Equal((12, 160), PoolSize.Decide(Config with { NumBlocks = 12 }, 160, 100, freeBytes: 0, part: 0.5));

    [Fact]
    public void Decide_NoMemory_Refuses() =>
        Assert.Contains("no memory for a KV cache", Assert.Throws<EngineStartException>(() => PoolSize.Decide(Config, 160, 100, 150, 0.5)).Message);

    [Fact]
    public void Decide_LongerThanTheModel_Refuses() =>
        Assert.Contains(
            "max_position_embeddings 160",
            Assert.Throws<EngineStartException>(() => PoolSize.Decide(Config with { MaxModelLength = 161 }, 160, 100, 1 << 20, 0.5)).Message);

    [Fact]
    public void Decide_MoreBlocksThanCanBeNumbered_Refuses() =>
        Assert.Contains(
            "NumBlocks 16777216",
            Assert.Throws<EngineStartException>(() => PoolSize.Decide(Config with { NumBlocks = 1 << 24, BlockSize = 256 }, 160, 100, 1 << 20, 0.5)).Message);
}
