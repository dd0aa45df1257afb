using Dynamo.Protocol.KV;
using Dynamo.Routing.Prefixes;
using Xunit;

namespace Dynamo.UnitTests.Routing.Prefixes;

/// <summary>Keys that the table cannot tell apart by their hashes' top bits, which random keys never are.</summary>
public sealed class KeyTableTests
{
    private readonly PrefixIndex _index = new();

    // The last line's entries have only spare lines to go on to.
    [Theory]
    [InlineData(0ul)]
    [InlineData(0x12345678ul)]
    [InlineData((1ul << CrowdedKeys.NumTopBits) - 1)]
    public void KeysOfOneTag_AreAllFoundAndRemoved(ulong top)
    {
        const int count = 500;
        BlockKey[] keys = [.. Enumerable.Range(0, count).Select(i => new BlockKey(CrowdedKeys.KeyOf(top, (ulong)i)))];
        _index.Stored(0, null, TestKeys.Of(1, 2, 3));
        _index.Stored(0, null, keys);
        PrefixIndexCheck.Validate(_index);
        int[] depths = new int[1];

        _index.Match(keys, depths);
        Assert.Equal([count], depths);
        Assert.Equal(1, _index.Removed(0, [keys[count / 2]]));
        _index.Match(keys, depths);
        Assert.Equal([count / 2], depths);
        PrefixIndexCheck.Validate(_index);

        Assert.Equal(count - 1, _index.Removed(0, keys));
        Assert.Equal(3, _index.NumDistinctBlocks);
        PrefixIndexCheck.Validate(_index);
    }

    [Fact]
    public void KeysOfNeighbouringTags_GoOnFromLineToLine_AndComeBack()
    {
        // All of one shard, each tag three times.
        BlockKey[] keys = [.. Enumerable.Range(0, 3000).Select(static i => new BlockKey(CrowdedKeys.KeyOf((ulong)(i / 3) << 8, (ulong)i)))];
        Random random = new(1);
        random.Shuffle(keys);
        _index.Stored(0, null, keys);
        PrefixIndexCheck.Validate(_index);
        random.Shuffle(keys);

        for (int i = 0; i < keys.Length; i += 100)
        {
            Assert.Equal(100, _index.Removed(0, keys.AsSpan(i, 100)));
            PrefixIndexCheck.Validate(_index);
        }

        Assert.Equal(0, _index.NumDistinctBlocks);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void KeysOfTheLastTags_GoOnBehindTheLastLine_InAnyOrder(int step)
    {
        const int count = 200;
        const ulong lastOfShard = (1ul << (CrowdedKeys.NumTopBits - 8)) - 3;
        for (int i = 0; i < count; i++)
        {
            int number = step > 0 ? i : count - 1 - i;
            _index.Stored(0, null, TestKeys.Of(CrowdedKeys.KeyOf(lastOfShard - count + (ulong)number, 1)));
            PrefixIndexCheck.Validate(_index);
        }

        Assert.Equal(count, _index.NumBlocks(0));
        _index.Cleared(0);
        PrefixIndexCheck.Validate(_index);
    }
}
