using Xunit;

namespace Dynamo.UnitTests.Routing.Prefixes;

/// <summary>The full count of operations is the benchmark's (<c>prefixes --fuzz</c>).</summary>
public sealed class PrefixFuzzTests
{
    [Theory]
    [InlineData(1, 1, 20_000)]
    [InlineData(2, 3, 30_000)]
    [InlineData(3, 64, 30_000)]
    [InlineData(4, 200, 15_000)]
    [InlineData(5, 1000, 10_000)]
    public void RandomOperations_AnswersLikeADictionaryOfSets(int seed, int numSlots, long numOperations)
    {
        PrefixFuzz fuzz = new(seed, numSlots);

        fuzz.Run(numOperations);

        Assert.Equal(numOperations, fuzz.NumOperations);
    }
}
