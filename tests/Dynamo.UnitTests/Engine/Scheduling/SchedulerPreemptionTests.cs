using Dynamo.Engine.Scheduling;
using Dynamo.UnitTests.Engine.Support;
using Xunit;
using static Dynamo.UnitTests.Engine.Support.TestRequests;

namespace Dynamo.UnitTests.Engine.Scheduling;

/// <summary>Blocks run out: the running sequence that came last goes back to the front of the queue and is computed again.</summary>
public sealed class SchedulerPreemptionTests
{
    [Fact]
    public void Schedule_NoBlockForTheOldest_TheLatestIsPreemptedAndComesBack()
    {
        SchedulerRig rig = new(numBlocks: 4);
        Sequence a = rig.Add("A", Prompt(7), maxTokens: 4);
        Sequence b = rig.Add("B", Prompt(7, first: 11), maxTokens: 4);
        Assert.Equal("A 0+7* B 0+7*", rig.Step());
        Assert.Equal("A 7+1* B 7+1*", rig.Step());
        int[] tokensOfB = b.Tokens.ToArray();

        // A's ninth token needs a third block; B's last block is the first to go.
        Assert.Equal("A 8+1*", rig.Plan());
        Assert.Equal([0, 1, 3], rig.BlocksOf(a));
        Assert.Equal((SequenceState.Waiting, 0, 0), (b.State, b.NumComputedTokens, b.NumBlocks));
        Assert.Equal(tokensOfB, b.Tokens.ToArray());
        rig.Compute();

        // A ends; B finds its first block and computes the rest again, its output included.
        Assert.Equal("A 9+1*", rig.Step());
        Assert.Equal("B 4+5*", rig.Step());
        Assert.Equal(1, rig.Scheduler.NumPreemptions);
    }

    [Fact]
    public void Schedule_PreemptedSequence_GoesBeforeThoseThatWaited()
    {
        SchedulerRig rig = new(numBlocks: 4);
        Sequence a = rig.Add("A", Prompt(7));
        rig.Add("B", Prompt(7, first: 11));
        rig.Step();
        rig.Add("C", Prompt(1, first: 31), maxTokens: 1);
        Assert.Equal("A 7+1* B 7+1*", rig.Step());
        Assert.Equal("A 8+1*", rig.Step());

        rig.Scheduler.Finish(a);

        Assert.Equal("B 4+5* C 0+1*", rig.Plan());
    }

    [Fact]
    public void Schedule_SeveralPreemptedInOneStep_ReturnInTheirOldOrder()
    {
        SchedulerRig rig = new(numBlocks: 8);
        Sequence a = rig.Add("A", Prompt(7, first: 0));
        Sequence b = rig.Add("B", Prompt(7, first: 7));
        rig.Add("C", Prompt(7, first: 14));
        rig.Add("D", Prompt(7, first: 21));
        rig.Step();
        Assert.Equal("A 7+1* B 7+1* C 7+1* D 7+1*", rig.Step());

        // A and B take D's two blocks; C, which is now the latest, finds none.
        Assert.Equal("A 8+1* B 8+1*", rig.Step());
        Assert.Equal(2, rig.Scheduler.NumPreemptions);

        rig.Scheduler.Finish(a);
        rig.Scheduler.Finish(b);
        rig.Plan();
        Assert.Equal(["C", "D"], rig.Scheduler.Running.Select(static s => s.Tag));
    }

    [Fact]
    public void Schedule_StepThatPreempted_AdmitsNobody()
    {
        SchedulerRig rig = new(numBlocks: 5);
        rig.Add("A", Prompt(8));
        rig.Add("B", Prompt(8, first: 11));
        Assert.Equal("A 0+8* B 0+8*", rig.Step());
        rig.Add("C", Prompt(1, first: 31));

        // A takes the last block; B is the latest itself and gives up its two, which C must not take at once.
        Assert.Equal("A 8+1*", rig.Plan());
        Assert.Equal((2, 2), (rig.Scheduler.NumWaiting, rig.Pool.NumFree));
    }

    [Fact]
    public void Schedule_AlwaysTooFewBlocks_TheOldestAdvancesInEveryStepAndAllEnd()
    {
        SchedulerRig rig = new(numBlocks: 6);
        List<Sequence> all = [];
        for (int i = 0; i < 6; i++)
        {
            all.Add(rig.Add($"S{i}", Prompt(4, first: 4 * i), maxTokens: 20));
        }

        int steps = 0;
        while (rig.Scheduler.HasWork)
        {
            Assert.True(rig.Scheduler.Schedule());
            Assert.Equal(rig.Scheduler.Running[0], rig.Scheduler.Scheduled[0]);
            rig.Compute();
            rig.Pool.Verify();
            Assert.InRange(++steps, 1, 6 * 20);
        }

        Assert.All(all, static s => Assert.Equal(20, s.NumOutputTokens));
        Assert.True(rig.Scheduler.NumPreemptions > 0);
        Assert.Equal(6, rig.Pool.NumFree);
    }

    [Fact]
    public void Finish_PreemptedSequence_LeavesTheQueue()
    {
        SchedulerRig rig = new(numBlocks: 4);
        rig.Add("A", Prompt(7));
        Sequence b = rig.Add("B", Prompt(7, first: 11));
        rig.Step();
        rig.Step();
        rig.Step();
        Assert.Equal(SequenceState.Waiting, b.State);

        rig.Scheduler.Finish(b);

        Assert.Equal((0, 0L), (rig.Scheduler.NumWaiting, rig.Scheduler.NumQueuedPrefillTokens));
        rig.Pool.Verify();
    }

    [Fact]
    public void Schedule_PreemptedAndBack_CachedTokensStayThoseOfTheFirstAdmission()
    {
        SchedulerRig rig = new(numBlocks: 4);
        Sequence a = rig.Add("A", Prompt(7), maxTokens: 3);
        Sequence b = rig.Add("B", Prompt(7, first: 11), maxTokens: 6);
        while (rig.Scheduler.HasWork)
        {
            rig.Step();
        }

        Assert.Equal((0, 0), (a.NumCachedTokens, b.NumCachedTokens));
        Assert.Equal((14L, 0L), (rig.Scheduler.NumPrefixQueryTokens, rig.Scheduler.NumPrefixHitTokens));
    }
}
