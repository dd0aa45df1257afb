using Dynamo.Engine.Execution;
using Dynamo.Engine.Scheduling;
using Dynamo.UnitTests.Engine.Support;
using Xunit;
using static Dynamo.UnitTests.Engine.Support.TestRequests;

namespace Dynamo.UnitTests.Engine.Scheduling;

/// <summary>What plans tell of slots: each start and each end once, in the first plan that can.</summary>
public sealed class SchedulerSlotTests
{
    [Fact]
    public void FirstStepOfASequence_StartsItsSlotWithAllItsTokens()
    {
        SchedulerRig rig = new(numBlocks: 8, maxBatchedTokens: 4);
        Sequence a = rig.Add("A", Moved(Of(1, Prompt(5)), [20]));

        Assert.Equal(("A 0+4", "", "0: 6 tokens, 5 of prompt, 0 computed"), Next(rig));
        Assert.Same(a.Sampling, rig.StepPlan.Started[0].Sampling);
        Assert.Equal([1, 2, 3, 4, 5, 20], rig.StepPlan.Started[0].Tokens.ToArray());
        rig.Compute();
        Assert.Equal(("A 4+2*", "", ""), Next(rig));
    }

    [Fact]
    public void SequenceThatFindsItsPrefix_StartsBehindIt()
    {
        SchedulerRig rig = new(numBlocks: 8);
        rig.Add("A", Prompt(8), maxTokens: 1);
        rig.Step();
        rig.Add("B", Prompt(9));

        Assert.Equal(("B 8+1*", "0", "0: 9 tokens, 9 of prompt, 8 computed"), Next(rig));
    }

    [Fact]
    public void SequenceThatEnds_EndsItsSlotInTheNextPlanThatIsLaunched()
    {
        SchedulerRig rig = new(numBlocks: 8);
        rig.Add("A", Prompt(3));
        Sequence b = rig.Add("B", Prompt(3, first: 11), maxTokens: 1);
        rig.Step();
        Assert.Equal(SequenceState.Finished, b.State);
        Assert.Equal(("A 3+1*", "1", ""), Next(rig));
        rig.Compute();

        rig.Scheduler.Finish(rig.Scheduler.Running[0]);
        Assert.Equal(("", "", ""), Next(rig));
        rig.Add("C", Prompt(2, first: 21));
        Assert.Equal(("C 0+2*", "0", "0: 2 tokens, 2 of prompt, 0 computed"), Next(rig));
    }

    [Fact]
    public void PreemptedSequence_EndsItsSlotAtOnceAndComesBackWithItsOutput()
    {
        SchedulerRig rig = new(numBlocks: 4);
        rig.Add("A", Prompt(7), maxTokens: 4);
        rig.Add("B", Prompt(7, first: 11), maxTokens: 4);
        rig.Step();
        rig.Step();

        Assert.Equal(("A 8+1*", "1", ""), Next(rig));
        rig.Compute();
        rig.Step();
        Assert.Equal(("B 4+5*", "0", "0: 9 tokens, 7 of prompt, 4 computed"), Next(rig));
    }

    [Fact]
    public void SequenceThatLeavesBeforeItsFirstStep_IsNeverTold()
    {
        SchedulerRig rig = new(numBlocks: 8);
        Sequence arriving = new(Moved(Of(1, Prompt(8)), [20]), "A", maxModelLength: 32);
        Assert.True(rig.Scheduler.TryReserve(arriving));
        rig.Scheduler.Finish(arriving);
        rig.Add("B", Prompt(2));

        Assert.Equal(("B 0+2*", "", "0: 2 tokens, 2 of prompt, 0 computed"), Next(rig));
    }

    [Fact]
    public void ParkedSequence_KeepsItsSlotUntilItIsFinished()
    {
        SchedulerRig rig = new(numBlocks: 8);
        Sequence a = rig.Add("A", Prompt(3));
        rig.Step();
        rig.Scheduler.Park(a);
        rig.Add("B", Prompt(2, first: 11));
        Assert.Equal(("B 0+2*", "", "1: 2 tokens, 2 of prompt, 0 computed"), Next(rig));
        rig.Compute();

        rig.Scheduler.Finish(a);
        Assert.Equal(("B 2+1*", "0", ""), Next(rig));
    }

    private static (string Plan, string Ended, string Started) Next(SchedulerRig rig)
    {
        string plan = rig.Plan();
        StepPlan step = rig.StepPlan;
        return (
            plan,
            string.Join(' ', step.EndedSlots[..step.NumEnded]),
            string.Join(' ', step.Started[..step.NumStarted].Select(static s => $"{s.Slot}: {s.Tokens.Length} tokens, {s.NumPromptTokens} of prompt, {s.NumComputedTokens} computed")));
    }
}
