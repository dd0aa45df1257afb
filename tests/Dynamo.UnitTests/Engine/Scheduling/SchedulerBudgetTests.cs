using Dynamo.Engine.Scheduling;
using Dynamo.UnitTests.Engine.Support;
using Xunit;
using static Dynamo.UnitTests.Engine.Support.TestRequests;

namespace Dynamo.UnitTests.Engine.Scheduling;

/// <summary>Who gets how many tokens of a step. Plans read "name first+count", with a star where a token will be chosen.</summary>
public sealed class SchedulerBudgetTests
{
    [Fact]
    public void Schedule_NothingToDo_IsFalse()
    {
        SchedulerRig rig = new(numBlocks: 10);

        Assert.False(rig.Scheduler.Schedule());
        Assert.Equal((0, 0, 0), (rig.Batch.NumSequences, rig.Batch.NumTokens, rig.Batch.NumLogits));
    }

    [Fact]
    public void Schedule_PromptLongerThanTheBudget_ComesInChunksAndChoosesOnlyAtItsEnd()
    {
        SchedulerRig rig = new(numBlocks: 10, maxBatchedTokens: 4);
        rig.Add("A", Prompt(10));

        Assert.Equal(["A 0+4", "A 4+4", "A 8+2*", "A 10+1*", "A 11+1*"], Steps(rig, 5));
    }

    [Fact]
    public void Schedule_TwoPrompts_TheSecondTakesWhatTheFirstLeft()
    {
        SchedulerRig rig = new(numBlocks: 10, maxBatchedTokens: 8);
        rig.Add("A", Prompt(3));
        rig.Add("B", Prompt(10, first: 11));

        Assert.Equal(["A 0+3* B 0+5", "A 3+1* B 5+5*", "A 4+1* B 10+1*"], Steps(rig, 3));
    }

    [Fact]
    public void Schedule_LongPromptBesideDecodes_DecodesNeverWait()
    {
        SchedulerRig rig = new(numBlocks: 20, maxBatchedTokens: 4);
        rig.Add("A", Prompt(2));
        rig.Add("B", Prompt(2, first: 5));
        rig.Step();
        rig.Add("C", Prompt(7, first: 11));

        Assert.Equal(
            ["A 2+1* B 2+1* C 0+2", "A 3+1* B 3+1* C 2+2", "A 4+1* B 4+1* C 4+2", "A 5+1* B 5+1* C 6+1*", "A 6+1* B 6+1* C 7+1*"],
            Steps(rig, 5));
    }

    [Fact]
    public void Schedule_BudgetUsedUp_NobodyElseIsAdmitted()
    {
        SchedulerRig rig = new(numBlocks: 10, maxBatchedTokens: 4);
        rig.Add("A", Prompt(4));
        rig.Add("B", Prompt(1, first: 11));

        Assert.Equal("A 0+4*", rig.Plan());
        Assert.Equal((1, 1), (rig.Scheduler.Running.Count, rig.Scheduler.NumWaiting));
    }

    [Fact]
    public void Schedule_AllSlotsTaken_NextWaitsForAnEnd()
    {
        SchedulerRig rig = new(numBlocks: 20, maxNumSequences: 2);
        rig.Add("A", Prompt(2), maxTokens: 2);
        rig.Add("B", Prompt(2, first: 5));
        rig.Add("C", Prompt(2, first: 9));

        Assert.Equal(["A 0+2* B 0+2*", "A 2+1* B 2+1*", "B 3+1* C 0+2*"], Steps(rig, 3));
    }

    [Fact]
    public void Schedule_FirstInTheQueueDoesNotFit_NobodyOvertakesIt()
    {
        SchedulerRig rig = new(numBlocks: 4);
        rig.Add("A", Prompt(7), maxTokens: 2);
        rig.Add("long", Prompt(12, first: 11));
        rig.Add("short", Prompt(1, first: 30), maxTokens: 1);

        Assert.Equal(["A 0+7*", "A 7+1*", "long 0+12* short 0+1*"], Steps(rig, 3));
    }

    [Theory]
    [InlineData(12, "A 0+4* B 0+4")]
    [InlineData(13, "A 0+4*")] // Its first chunk would fit.
    public void Schedule_PromptOfSeveralChunksBesideOthers_IsAdmittedOnlyWhenAllOfItFits(int length, string plan)
    {
        SchedulerRig rig = new(numBlocks: 4, maxBatchedTokens: 8);
        rig.Add("A", Prompt(4));
        rig.Add("B", Prompt(length, first: 11));

        Assert.Equal(plan, rig.Plan());
    }

    [Fact]
    public void Schedule_PromptThatFillsTheWholePool_RunsAlone()
    {
        SchedulerRig rig = new(numBlocks: 4, maxBatchedTokens: 8);
        rig.Add("A", Prompt(15));
        rig.Add("B", Prompt(1, first: 30), maxTokens: 1);

        Assert.Equal(["A 0+8", "A 8+7*", "B 0+1*", ""], Steps(rig, 4));
        rig.Pool.Verify();
        Assert.Equal(4, rig.Pool.NumFree);
    }

    [Theory]
    [InlineData(1, true, 1)] // A block in four steps.
    [InlineData(2, true, 2)]
    [InlineData(3, true, 2)] // At most a hundredth of the pool,
    [InlineData(1, false, 2)] // and all of that where being preempted is computing everything again.
    public void Schedule_BesideOthers_BlocksThatTheseTakeSoonStayFree(int numOthers, bool prefixCaching, int numFree)
    {
        int fitting = (200 - numOthers - numFree) * 4;

        Assert.Equal((SequenceState.Running, SequenceState.Waiting), (StateOf(fitting), StateOf(fitting + 1)));

        SequenceState StateOf(int length)
        {
            SchedulerRig rig = new(numBlocks: 200, maxBatchedTokens: 1000, prefixCaching: prefixCaching);
            for (int i = 0; i < numOthers; i++)
            {
                rig.Add("other", Prompt(4, first: 4 * i));
            }

            Sequence sequence = rig.Add("B", Prompt(length, first: 20).Select(static t => t % 32).ToArray());
            rig.Plan();
            return sequence.State;
        }
    }

    [Fact]
    public void Schedule_Alone_MayTakeTheWholePool()
    {
        SchedulerRig rig = new(numBlocks: 200, maxBatchedTokens: 1000);
        rig.Add("A", Prompt(799, first: 0).Select(static t => t % 32).ToArray());

        Assert.Equal("A 0+799*", rig.Plan());
        Assert.Equal(0, rig.Pool.NumFree);
    }

    [Fact]
    public void Finish_AnyState_FreesSlotAndBlocksAtOnce()
    {
        SchedulerRig rig = new(numBlocks: 10, maxNumSequences: 1);
        Sequence running = rig.Add("A", Prompt(5));
        Sequence waiting = rig.Add("B", Prompt(5, first: 11));
        rig.Step();
        Assert.Equal((2, 1), (rig.Pool.NumUsed, rig.Scheduler.NumWaiting));

        rig.Scheduler.Finish(waiting);
        Assert.Equal((2, 0), (rig.Pool.NumUsed, rig.Scheduler.NumWaiting));

        rig.Scheduler.Finish(running);
        Assert.Equal((0, 0, false), (rig.Pool.NumUsed, rig.Scheduler.Running.Count, rig.Scheduler.HasWork));
        Assert.Throws<InvalidOperationException>(() => rig.Scheduler.Finish(running));
    }

    [Fact]
    public void Add_FinishedBeforeItCame_IsIgnored()
    {
        SchedulerRig rig = new(numBlocks: 10);
        Sequence sequence = new(Of(1, Prompt(3)), null, 40);
        rig.Scheduler.Finish(sequence);

        rig.Scheduler.Add(sequence);

        Assert.False(rig.Scheduler.HasWork);
    }

    [Fact]
    public void NumQueuedPrefillTokens_ThroughAPrompt_CountsDownToNone()
    {
        SchedulerRig rig = new(numBlocks: 10, maxBatchedTokens: 4);
        rig.Add("A", Prompt(6));
        rig.Add("B", Prompt(3, first: 11));

        List<long> queued = [rig.Scheduler.NumQueuedPrefillTokens];
        for (int i = 0; i < 3; i++)
        {
            rig.Step();
            queued.Add(rig.Scheduler.NumQueuedPrefillTokens);
        }

        // A's 6 and B's 3; four of A; A's end and two of B; B's last.
        Assert.Equal([9, 5, 1, 0], queued);
    }

    private static IEnumerable<string> Steps(SchedulerRig rig, int count) => [.. Enumerable.Range(0, count).Select(_ => rig.Step())];
}
