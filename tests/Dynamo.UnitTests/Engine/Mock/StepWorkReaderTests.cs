using Dynamo.Engine.Execution;
using Dynamo.Engine.Mock;
using Xunit;

namespace Dynamo.UnitTests.Engine.Mock;

public sealed class StepWorkReaderTests
{
    private readonly StepBatch _batch = new(MockSteps.Limits);
    private readonly StepWorkReader _reader = new(MockSteps.Limits, numBlocks: 10);

    [Fact]
    public void Prompt_IsPrefillAndItsOutputsAreDecodes()
    {
        Assert.Equal(new StepWork(5, 1, 2, 10), _reader.Read(_batch.Plan(new MockPart(0, 0, [1, 2, 3, 4, 5], [7, 3]))));
        Assert.Equal(new StepWork(0, 1, 2, 10), _reader.Read(_batch.Plan(new MockPart(0, 5, [6], [7, 3]))));
    }

    [Fact]
    public void PromptInParts_EmitsOnceTheLastPartIsIn()
    {
        Assert.Equal(new StepWork(4, 0, 1, 10), _reader.Read(_batch.Plan(new MockPart(0, 0, [1, 2, 3, 4], [0], Emits: false))));
        Assert.Equal(new StepWork(1, 1, 2, 10), _reader.Read(_batch.Plan(new MockPart(0, 4, [5], [0, 1]))));
        Assert.Equal(new StepWork(0, 1, 2, 10), _reader.Read(_batch.Plan(new MockPart(0, 5, [6], [0, 1]))));
    }

    [Fact]
    public void PromptOfWhichOneTokenWasNotCached_IsPrefill() =>
        Assert.Equal(new StepWork(1, 1, 3, 10), _reader.Read(_batch.Plan(new MockPart(2, 8, [9], [4, 5, 6]))));

    [Fact]
    public void BlocksThatSequencesShare_CountOnce()
    {
        MockPart first = new(0, 0, [1, 2, 3, 4, 5], [7, 3]);
        MockPart second = new(1, 4, [6, 7], [7, 8]);

        Assert.Equal(new StepWork(7, 2, 3, 10), _reader.Read(_batch.Plan(first, second)));
    }

    [Fact]
    public void SequencePreempted_IsPrefillAgain()
    {
        _reader.Read(_batch.Plan(new MockPart(0, 0, [1, 2, 3], [0])));

        Assert.Equal(new StepWork(4, 1, 1, 10), _reader.Read(_batch.Plan(new MockPart(0, 0, [1, 2, 3, 4], [5]))));
    }
}
