using Dynamo.Engine.Scheduling;
using Dynamo.Protocol.KV;
using Xunit;
using static Dynamo.UnitTests.Engine.Support.TestRequests;

namespace Dynamo.UnitTests.Engine.Scheduling;

public sealed class SequenceTests
{
    [Fact]
    public void Append_FarBeyondTheFirstBuffer_KeepsEveryToken()
    {
        Sequence sequence = new(Of(1, Prompt(3), Greedy with { MaxTokens = 5000 }), null, 100_000);
        for (int i = 0; i < 5000; i++)
        {
            sequence.Append(i);
        }

        Assert.Equal([1, 2, 3, .. Enumerable.Range(0, 5000)], sequence.Tokens.ToArray());
        Assert.Equal((5003, 5000, 5003), (sequence.NumTokens, sequence.NumOutputTokens, sequence.MaxNumTokens));
    }

    [Theory]
    [InlineData(10, 100, 13)]
    [InlineData(10, 8, 8)]
    [InlineData(int.MaxValue, 100, 100)]
    public void MaxNumTokens_TheSmallerOfBothLimits(int maxTokens, int maxModelLength, int expected) =>
        Assert.Equal(expected, new Sequence(Of(1, Prompt(3), Greedy with { MaxTokens = maxTokens }), null, maxModelLength).MaxNumTokens);

    [Fact]
    public void BlockHash_AnyOrderOfAsking_IsTheChainFromTheTenantsRoot()
    {
        Sequence sequence = new(Of(1, Prompt(100), salt: "tenant"), null, 1000);
        SequenceHash expected = BlockHasher.Root("tenant");
        List<SequenceHash> chain = [];
        for (int i = 0; i < 25; i++)
        {
            expected = BlockHasher.Chain(expected, Prompt(4, first: 1 + (4 * i)));
            chain.Add(expected);
        }

        Assert.Equal(chain[24], sequence.BlockHash(24, 4));
        Assert.Equal(chain, Enumerable.Range(0, 25).Select(i => sequence.BlockHash(i, 4)));
        Assert.Equal(BlockHasher.Root("tenant"), sequence.ParentHash(0));
        Assert.Equal(chain[3], sequence.ParentHash(4));
    }

    [Fact]
    public void NumPrefillTokens_FromPromptToDecodeAndBack_CountsOnlyWhatDelaysTheNextToken()
    {
        Sequence sequence = new(Of(1, Prompt(5)), null, 100);
        Assert.Equal(5, sequence.NumPrefillTokens);

        sequence.NumComputedTokens = 4;
        Assert.Equal(1, sequence.NumPrefillTokens);

        sequence.NumComputedTokens = 5;
        sequence.Append(9);
        Assert.Equal(0, sequence.NumPrefillTokens);

        sequence.NumComputedTokens = 0;
        Assert.Equal(6, sequence.NumPrefillTokens);
    }
}
