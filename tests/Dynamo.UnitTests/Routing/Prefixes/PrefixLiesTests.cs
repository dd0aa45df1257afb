using Dynamo.Protocol.KV;
using Dynamo.Routing.Prefixes;
using Xunit;

namespace Dynamo.UnitTests.Routing.Prefixes;

/// <summary>A worker that names wrong parents, or one key for two blocks, gets wrong answers; the index stays whole and forgets it.</summary>
public sealed class PrefixLiesTests
{
    private const int NumSlots = 5;
    private const int NumKeys = 300;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void WrongParentsAndKeysThatRepeat_LeaveTheIndexWhole(int seed)
    {
        Random random = new(seed);
        PrefixIndex index = new();
        int[] depths = new int[NumSlots];
        for (int i = 0; i < 20_000; i++)
        {
            int slot = random.Next(NumSlots);
            BlockKey[] blocks = Blocks(random);
            switch (random.Next(100))
            {
                case < 45:
                    index.Stored(slot, random.Next(4) == 0 ? null : new BlockKey((ulong)random.Next(NumKeys)), blocks);
                    break;
                case < 80:
                    Assert.InRange(index.Removed(slot, blocks), 0, blocks.Length);
                    break;
                case < 99:
                    index.Match(blocks, depths);
                    break;
                default:
                    index.Cleared(slot);
                    Assert.Equal(0, index.NumBlocks(slot));
                    break;
            }

            if (i % 100 == 0)
            {
                PrefixIndexCheck.Validate(index);
            }
        }

        for (int slot = 0; slot < NumSlots; slot++)
        {
            index.Cleared(slot);
        }

        PrefixIndexCheck.Validate(index);
        Assert.Equal(0, index.NumDistinctBlocks);
    }

    // Stretches of neighbours, forwards or backwards, or nothing that belongs together.
    private static BlockKey[] Blocks(Random random)
    {
        BlockKey[] blocks = new BlockKey[1 + random.Next(100)];
        int first = random.Next(NumKeys);
        int order = random.Next(3);
        for (int i = 0; i < blocks.Length; i++)
        {
            blocks[i] = new BlockKey((ulong)(order switch
            {
                0 => (first + i) % NumKeys,
                1 => (first + NumKeys - i) % NumKeys,
                _ => random.Next(NumKeys),
            }));
        }

        return blocks;
    }
}
