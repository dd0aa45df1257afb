using Dynamo.Routing.Prefixes;
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
    public void RandomOperations_AnswersLikeADictionaryOfSets(int seed, int numSlots, long numOperations) =>
        Run(new PrefixFuzz(seed, numSlots), numOperations);

    // Few slots, so that much dies; shards from a line or two to hundreds of lines that overflow.
    [Theory]
    [InlineData(1, 1, 4, 40, 20_000)]
    [InlineData(2, 2, 8, 100, 20_000)]
    [InlineData(3, 3, 40, 20, 20_000)]
    [InlineData(4, 3, 30, 300, 3_000)]
    [InlineData(5, 8192, 8, 100, 1_000)]
    public void KeysCrowdInTheTable_AnswersLikeADictionaryOfSets(int seed, int numSlots, int numSequences, int maxLength, long numOperations) => Run(
        new PrefixFuzz(seed, numSlots, new PrefixFuzz.Shape { NumSequences = numSequences, MaxLength = maxLength, ValidateEach = 100, Fill = CrowdedKeys.Fill }),
        numOperations);

    [Theory]
    [InlineData(1, 100, 2000, 1, 20_000)]
    [InlineData(2, 8192, 40, 80, 3_000)]
    [InlineData(3, 4, 8, 40_000, 100)]
    public void ManyShortOrFewLongSequences_AnswersLikeADictionaryOfSets(int seed, int numSlots, int numSequences, int maxLength, long numOperations) => Run(
        new PrefixFuzz(seed, numSlots, new PrefixFuzz.Shape { NumSequences = numSequences, MaxLength = maxLength }), numOperations);

    [Fact]
    public void SoManyRunsThatLookupsFetchAhead_AnswersLikeADictionaryOfSets()
    {
        PrefixFuzz fuzz = new(2, 20, new PrefixFuzz.Shape { NumSequences = 4000, MaxLength = 1000 });

        Run(fuzz, 10_000);

        Assert.True(fuzz.MostRuns > RunStore.MaxNear * 3 / 2, $"{fuzz.MostRuns} runs are too few for that.");
    }

    private static void Run(PrefixFuzz fuzz, long numOperations)
    {
        fuzz.Run(numOperations);

        Assert.Equal(numOperations, fuzz.NumOperations);
    }
}
