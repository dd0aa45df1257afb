using System.IO.Hashing;
using Dynamo.Protocol.KV;
using Xunit;

namespace Dynamo.UnitTests.Protocol.KV;

/// <summary>Hashes are shared by silos and versions: these values must never change.</summary>
public sealed class BlockHasherTests
{
    [Fact]
    public void Root_NoSalt_IsXxh3OfNothing() => Assert.Equal(XxHash128.HashToUInt128([]), BlockHasher.Root("").Value);

    [Fact]
    public void Root_Salts_Differ() =>
        Assert.Equal(4, ((string[])["", "a", "b", "ab"]).Select(BlockHasher.Root).Distinct().Count());

    [Fact]
    public void Chain_ParentAndTokens_AreTheBytesThatAreHashed()
    {
        SequenceHash parent = new(((UInt128)0x0F0E0D0C0B0A0908 << 64) | 0x0706050403020100);
        byte[] bytes = [.. Enumerable.Range(0, 16).Select(static i => (byte)i), 1, 0, 0, 0, 0, 2, 0, 0, 0xFF, 0xFF, 0xFF, 0x7F];

        Assert.Equal(XxHash128.HashToUInt128(bytes), BlockHasher.Chain(parent, [1, 512, int.MaxValue]).Value);
    }

    [Fact]
    public void Chain_OtherParentOtherTokenOrOtherOrder_Differ()
    {
        SequenceHash root = BlockHasher.Root("");
        SequenceHash[] hashes =
        [
            BlockHasher.Chain(root, [1, 2]),
            BlockHasher.Chain(root, [2, 1]),
            BlockHasher.Chain(root, [1, 3]),
            BlockHasher.Chain(BlockHasher.Root("tenant"), [1, 2]),
            BlockHasher.Chain(BlockHasher.Chain(root, [1]), [2]),
        ];

        Assert.Equal(hashes.Length, hashes.Distinct().Count());
    }

    [Fact]
    public void Key_OfAHash_IsItsLow64Bits() =>
        Assert.Equal(new BlockKey(0x0123_4567_89AB_CDEF), new SequenceHash(new UInt128(0xFFFF_0000_FFFF_0000, 0x0123_4567_89AB_CDEF)).Key);

    [Fact]
    public void Of_Tokens_NamesTheFullBlocksFromTheTenantsRoot()
    {
        SequenceHash first = BlockHasher.Chain(BlockHasher.Root("tenant"), [1, 2]);

        Assert.Equal([first.Key, BlockHasher.Chain(first, [3, 4]).Key], BlockKeys.Of([1, 2, 3, 4, 5], "tenant", 2));
    }

    [Theory]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(1000)]
    public void Chain_AroundTheStackBuffer_HashAllTokens(int length)
    {
        int[] tokens = [.. Enumerable.Range(0, length)];
        byte[] bytes = [.. new byte[16], .. tokens.SelectMany(BitConverter.GetBytes)];

        Assert.Equal(XxHash128.HashToUInt128(bytes), BlockHasher.Chain(default, tokens).Value);
    }
}
