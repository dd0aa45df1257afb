using Dynamo.Engine.Execution;
using Dynamo.Engine.Mock;
using Dynamo.UnitTests.Engine.Support;
using Xunit;

namespace Dynamo.UnitTests.Engine.Mock;

public sealed class MockModelRunnerLogitsTests
{
    private readonly StepBatch _batch = new(MockSteps.Limits);

    [Fact]
    public void KeepSums_InPartsAndOverSharedBlocks_GivesTheLogitsOfTheWholeSequence()
    {
        int[] tokens = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
        using MockModelRunner runner = Create(new MockModelConfig { VocabularySize = 16, KeepSums = true });
        float[] expected = new float[16];
        MockReference.Logits(tokens, expected);

        runner.Execute(_batch.Plan(new MockPart(0, 0, tokens[..6], [7, 3], Emits: false)));
        Assert.Equal(expected, runner.Execute(_batch.Plan(new MockPart(0, 6, tokens[6..], [7, 3, 5]))).ToArray());

        // Another sequence finds the first two blocks cached.
        Assert.Equal(expected, runner.Execute(_batch.Plan(new MockPart(1, 8, tokens[8..], [7, 3, 6]))).ToArray());
    }

    [Fact]
    public void KeepSums_BlockOfAnotherSequence_IsAnException()
    {
        using MockModelRunner runner = Create(new MockModelConfig { VocabularySize = 16, KeepSums = true });
        runner.Execute(_batch.Plan(new MockPart(0, 0, [1, 2, 3, 4, 5, 6, 7, 8], [0, 1], Emits: false)));
        runner.Execute(_batch.Plan(new MockPart(1, 0, [9, 9, 9, 9, 9, 9, 9, 9], [2, 3], Emits: false)));

        InvalidOperationException fault = Assert.Throws<InvalidOperationException>(() => { runner.Execute(_batch.Plan(new MockPart(0, 8, [9], [0, 3, 4]))); });

        Assert.Equal("Malformed step: block 3 at position 4 of sequence 0 does not continue block 0.", fault.Message);
    }

    [Fact]
    public void Tokens_AreTheOnlyOnesThatCompete_AndDependOnEveryTokenBefore()
    {
        using MockModelRunner runner = Create(new MockModelConfig { VocabularySize = 16, Tokens = new[] { 3, 11 } });

        float[] first = runner.Execute(_batch.Plan(new MockPart(0, 0, [1, 2, 3], [0]))).ToArray();
        float[] second = runner.Execute(_batch.Plan(new MockPart(0, 0, [2, 2, 3], [0]))).ToArray();

        Assert.Equal([3, 11], Enumerable.Range(0, 16).Where(token => first[token] > MockModel.Unlikely));
        Assert.NotEqual(first, second);
    }

    private static MockModelRunner Create(MockModelConfig config)
    {
        MockModelRunner runner = new(config);
        runner.Prepare(MockSteps.Limits, numBlocks: 10);
        return runner;
    }
}
