using Dynamo.Protocol.KV;
using Dynamo.Simulation.Traces;
using Xunit;

namespace Dynamo.UnitTests.Simulation;

public sealed class PromptBlocksTests
{
    [Fact]
    public void ATraceBlockBehindAnother_IsAnotherBlock()
    {
        BlockKey[] first = Keys(7, 8, 9);
        BlockKey[] second = Keys(7, 8, 5, 9);
        BlockKey[] third = Keys(8, 9);

        Assert.Equal(first[..4], second[..4]);
        Assert.Empty(first[4..].Intersect(second[4..]));
        Assert.Empty(first.Intersect(third));
        Assert.Equal(14, first.Union(second).Union(third).Count());
    }

    // Two engine blocks of 4 tokens in each trace block.
    private static BlockKey[] Keys(params int[] blocks) => PromptBlocks.KeysOf(new TraceRequest(0, 8 * blocks.Length, 1, [.. blocks]), 0, 4, 8);
}
