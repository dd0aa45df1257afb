using Dynamo.Engine.Execution;
using Dynamo.Engine.Mock;
using Dynamo.Protocol.Requests;
using Dynamo.UnitTests.Engine.Mock;
using Dynamo.UnitTests.Engine.Support;
using Xunit;

namespace Dynamo.UnitTests.Engine.Execution;

public sealed class LocalStepExecutorTests
{
    private const int VocabularySize = 16;
    private static readonly SamplingParameters Penalised = new() { MaxTokens = 100, Seed = 7, RepetitionPenalty = 1.5f, FrequencyPenalty = 0.5f };

    private readonly StepPlan _plan = new(MockSteps.Limits);
    private readonly LocalStepExecutor _executor = Create();

    [Fact]
    public void SequenceThatComesWithOutput_GoesOnWithTheSameTokens()
    {
        List<int> whole = Run(Create(), [1, 2, 3], numPromptTokens: 3, count: 6);

        List<int> moved = Run(Create(), [1, 2, 3, .. whole[..2]], numPromptTokens: 3, count: 4);

        Assert.Equal(whole[2..], moved);
    }

    [Fact]
    public void SlotThatEndsAndStartsInOnePlan_BelongsToTheNewSequence()
    {
        Start(2, [1, 2], [0]);
        _executor.Launch(_plan);
        _executor.Collect();

        (_plan.NumEnded, _plan.EndedSlots[0]) = (1, 2);
        Start(2, [5, 6, 7], [1]);
        _executor.Launch(_plan);

        Assert.Equal(MockText.Of(TestRequests.Of(1, [5, 6, 7], Penalised with { MaxTokens = 1 }), VocabularySize), [_executor.Collect()[0].TokenId!.Value]);
    }

    [Fact]
    public void PlanChangedAfterItsLaunch_ChangesNothing()
    {
        Start(1, [1, 2, 3], [4]);
        _executor.Launch(_plan);

        _plan.Batch.Plan(new MockPart(0, 0, [9, 9, 9, 9, 9], [7, 8]));
        Array.Fill(_plan.Batch.BlockTables, 9);
        (_plan.NumEnded, _plan.NumStarted) = (4, 4);

        Assert.Equal(MockText.Of(TestRequests.Of(1, [1, 2, 3], Penalised with { MaxTokens = 1 }), VocabularySize), [_executor.Collect()[0].TokenId!.Value]);
    }

    [Fact]
    public void StepInsideAPrompt_GivesNoToken()
    {
        Start(0, [1, 2, 3], [0]);
        _plan.Batch.Plan(new MockPart(0, 0, [1, 2], [0], Emits: false));
        _executor.Launch(_plan);

        Assert.Equal(0, _executor.Collect().Length);
    }

    [Fact]
    public void SecondLaunchOrCollect_IsRefused()
    {
        Assert.Throws<InvalidOperationException>(() => _executor.Collect().Length);

        Start(0, [1], [0]);
        _executor.Launch(_plan);
        Assert.Throws<InvalidOperationException>(() => _executor.Launch(_plan));

        Assert.Equal(1, _executor.Collect().Length);
        Assert.Throws<InvalidOperationException>(() => _executor.Collect().Length);
    }

    [Fact]
    public void SlotOfNobody_IsRefusedByItsNumber()
    {
        _plan.Batch.Plan(new MockPart(3, 0, [1], [0]));
        Assert.Contains("Slot 3 is in the batch", Assert.Throws<InvalidOperationException>(() => Create().Launch(_plan)).Message);

        (_plan.NumEnded, _plan.EndedSlots[0]) = (1, 2);
        Assert.Contains("Slot 2 ends", Assert.Throws<InvalidOperationException>(() => Create().Launch(_plan)).Message);
    }

    [Fact]
    public void SlotThatStartsTwice_IsRefusedByItsNumber()
    {
        Start(1, [1], [0]);
        (_plan.NumStarted, _plan.Started[1]) = (2, _plan.Started[0]);

        Assert.Contains("Slot 1 starts", Assert.Throws<InvalidOperationException>(() => _executor.Launch(_plan)).Message);
    }

    [Fact]
    public void LogitsInsideTheRowsOfASequence_AreRefused()
    {
        Start(0, [1, 2, 3], [0]);
        _plan.Batch.LogitRows[0] = 1;

        Assert.Contains("Row 1", Assert.Throws<InvalidOperationException>(() => _executor.Launch(_plan)).Message);
    }

    private static LocalStepExecutor Create()
    {
        MockModelRunner runner = new(new MockModelConfig { VocabularySize = VocabularySize });
        runner.Prepare(MockSteps.Limits, numBlocks: 10);
        return new LocalStepExecutor(runner, MockSteps.Limits);
    }

    // One sequence alone in slot 0, from its first step on.
    private static List<int> Run(LocalStepExecutor executor, int[] tokens, int numPromptTokens, int count)
    {
        StepPlan plan = new(MockSteps.Limits) { NumStarted = 1 };
        plan.Started[0] = new SlotStart(0, Penalised, tokens, numPromptTokens, 0);
        List<int> all = [.. tokens];
        for (int i = 0; i < count; i++)
        {
            int first = i == 0 ? 0 : all.Count - 1;
            plan.Batch.Plan(new MockPart(0, first, [.. all[first..]], [3, 1, 2]));
            executor.Launch(plan);
            all.Add(executor.Collect()[0].TokenId!.Value);
            plan.NumStarted = 0;
        }

        return all[tokens.Length..];
    }

    // A plan in which this sequence is the only one.
    private void Start(int slot, int[] tokens, int[] blocks)
    {
        _plan.NumStarted = 1;
        _plan.Started[0] = new SlotStart(slot, Penalised, tokens, tokens.Length, 0);
        _plan.Batch.Plan(new MockPart(slot, 0, tokens, blocks));
    }
}
