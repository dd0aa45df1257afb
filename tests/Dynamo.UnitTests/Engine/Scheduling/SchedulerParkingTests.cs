using Dynamo.Engine.Scheduling;
using Dynamo.UnitTests.Engine.Support;
using Xunit;
using static Dynamo.UnitTests.Engine.Support.TestRequests;

namespace Dynamo.UnitTests.Engine.Scheduling;

/// <summary>Sequences on their way from one engine to another: blocks stay until they are read, and are reserved before they are written.</summary>
public sealed class SchedulerParkingTests
{
    [Fact]
    public void Park_KeepsBlocksOutOfStepsUntilFinish()
    {
        SchedulerRig rig = new(numBlocks: 4);
        Sequence a = rig.Add("A", Prompt(7));
        rig.Step();

        rig.Scheduler.Park(a);

        Assert.False(rig.Scheduler.HasWork);
        Assert.Equal((SequenceState.Parked, 1, 2), (a.State, rig.Scheduler.NumParked, rig.Pool.NumUsed));
        rig.Add("B", Prompt(12, first: 11));
        Assert.Equal("", rig.Plan());

        rig.Scheduler.Finish(a);
        Assert.Equal((0, 0), (rig.Scheduler.NumParked, rig.Pool.NumUsed));
        Assert.Equal("B 0+12*", rig.Plan());
    }

    [Fact]
    public void Finish_OfAParkedSequence_LeavesItsPrefixToOthers()
    {
        SchedulerRig rig = new(numBlocks: 4);
        Sequence a = rig.Add("A", Prompt(8));
        rig.Step();
        rig.Scheduler.Park(a);
        rig.Scheduler.Finish(a);

        rig.Add("B", Prompt(9));

        Assert.Equal("B 8+1*", rig.Plan());
    }

    [Fact]
    public void TryReserve_ThenResume_DecodesAndOthersFindItsBlocks()
    {
        SchedulerRig rig = new(numBlocks: 8);
        Sequence a = Arriving(1, Prompt(8), 20);

        Assert.True(rig.Scheduler.TryReserve(a));
        Assert.Equal((SequenceState.Parked, 0, 3, 0), (a.State, a.NumComputedTokens, a.NumBlocks, rig.Pool.NumCached));
        Assert.Equal("", rig.Plan());

        rig.Scheduler.Resume(a);

        Assert.Equal((8, 2), (a.NumComputedTokens, rig.Pool.NumCached));
        rig.Add("B", Prompt(9));
        Assert.Equal("A 8+1* B 8+1*", rig.Plan());
    }

    [Fact]
    public void TryReserve_TakesWhatIsHereAlready()
    {
        SchedulerRig rig = new(numBlocks: 8);
        Sequence a = rig.Add("A", Prompt(8), maxTokens: 1);
        rig.Step();
        Assert.Equal(SequenceState.Finished, a.State);

        Sequence b = Arriving(7, Prompt(10), 20);

        Assert.True(rig.Scheduler.TryReserve(b));
        Assert.Equal((8, 8, 3), (b.NumComputedTokens, b.NumCachedTokens!.Value, rig.Pool.NumUsed));
    }

    [Fact]
    public void TryReserve_NoRoom_ChangesNothing()
    {
        SchedulerRig rig = new(numBlocks: 4);
        rig.Add("A", Prompt(7));
        rig.Step();
        Sequence b = Arriving(7, Prompt(8, first: 11), 20);

        Assert.False(rig.Scheduler.TryReserve(b));

        Assert.Equal((SequenceState.New, 0, 2), (b.State, b.NumBlocks, rig.Pool.NumUsed));
    }

    [Fact]
    public void TryReserve_NoSlotOrSomebodyWaits_Refuses()
    {
        SchedulerRig rig = new(numBlocks: 16, maxNumSequences: 1);
        Assert.True(rig.Scheduler.TryReserve(Arriving(1, Prompt(4), 20)));
        Assert.False(rig.Scheduler.TryReserve(Arriving(2, Prompt(4, first: 11), 20)));

        // The slot is the arriving one's: whoever waits here has none either.
        rig.Add("A", Prompt(4, first: 21));
        Assert.Equal("", rig.Plan());

        SchedulerRig other = new(numBlocks: 16);
        other.Add("B", Prompt(4));
        Assert.False(other.Scheduler.TryReserve(Arriving(2, Prompt(4, first: 11), 20)));
    }

    [Fact]
    public void Resumed_Preempted_IsComputedAgainHere()
    {
        SchedulerRig rig = new(numBlocks: 4);
        rig.Add("A", Prompt(7));
        rig.Step();
        Sequence b = Arriving(7, Prompt(6, first: 11), 20);
        Assert.True(rig.Scheduler.TryReserve(b));
        rig.Scheduler.Resume(b);
        Assert.Equal("A 7+1* B 6+1*", Step(rig));

        // A's ninth token needs a block: B, which came last, gives its two up and begins again from what it left in the cache.
        Assert.Equal("A 8+1*", Step(rig));
        Assert.Equal((SequenceState.Waiting, 1L), (b.State, rig.Scheduler.NumPreemptions));
        rig.Scheduler.Finish(rig.Scheduler.Running[0]);
        Assert.Equal("B 4+4*", rig.Plan());
    }

    [Fact]
    public void WrongState_IsRefused()
    {
        SchedulerRig rig = new(numBlocks: 4);
        Sequence a = rig.Add("A", Prompt(7));

        Assert.Throws<InvalidOperationException>(() => rig.Scheduler.Park(a));
        Assert.Throws<InvalidOperationException>(() => rig.Scheduler.Resume(a));
        Assert.Throws<InvalidOperationException>(() => rig.Scheduler.TryReserve(a));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Fuzz_AnyOrderOfArrivingLeavingAndAborting_LosesNoBlock(int seed)
    {
        Random random = new(seed);
        SchedulerRig rig = new(numBlocks: 24, maxBatchedTokens: 16);
        List<Sequence> alive = [];
        for (int i = 1; i <= 2000; i++)
        {
            int[] prompt = Prompt(random.Next(1, 24), first: random.Next(1, 4));
            switch (random.Next(6))
            {
                case 0:
                    alive.Add(rig.Add($"{i}", prompt, maxTokens: random.Next(1, 12)));
                    break;
                case 1:
                    Sequence arriving = Arriving(100_000 + i, prompt, 20);
                    int usedBefore = rig.Pool.NumUsed;
                    if (rig.Scheduler.TryReserve(arriving))
                    {
                        alive.Add(arriving);
                    }
                    else
                    {
                        Assert.Equal(usedBefore, rig.Pool.NumUsed);
                    }

                    break;
                case 2 when alive.Find(sequence => sequence.State == SequenceState.Parked && sequence.NumOutputTokens == 1 && sequence.NumComputedTokens < sequence.NumTokens) is { } parked:
                    rig.Scheduler.Resume(parked);
                    break;
                case 3 when alive.Count > 0:
                    rig.Scheduler.Finish(alive[random.Next(alive.Count)]);
                    break;
                case 4 when alive.Find(static sequence => sequence is { State: SequenceState.Running, NumOutputTokens: > 1 }) is { } running:
                    rig.Scheduler.Park(running);
                    break;
                default:
                    Step(rig);
                    break;
            }

            alive.RemoveAll(static sequence => sequence.State == SequenceState.Finished);
            rig.Pool.Verify();
            Assert.Equal(alive.Count(static sequence => sequence.State == SequenceState.Parked), rig.Scheduler.NumParked);
            Assert.True(rig.Pool.NumUsed <= alive.Sum(static sequence => sequence.NumBlocks), "a block is held by nobody");
        }

        alive.ForEach(rig.Scheduler.Finish);
        Assert.Equal((0, 0, 0), (rig.Pool.NumUsed, rig.Scheduler.NumParked, rig.Scheduler.NumWaiting));
        rig.Pool.Verify();
    }

    // Without the rig's runner, which insists on having written what it reads.
    private static string Step(SchedulerRig rig)
    {
        string plan = rig.Plan();
        rig.Scheduler.OnComputed();
        foreach (Sequence sequence in rig.Scheduler.Scheduled)
        {
            if (sequence.LogitRow is not null)
            {
                sequence.Append(20);
                if (sequence.NumTokens == sequence.MaxNumTokens)
                {
                    rig.Scheduler.Finish(sequence);
                }
            }
        }

        return plan;
    }

    // Its prompt was computed elsewhere and gave a first token.
    private static Sequence Arriving(int id, int[] prompt, int firstToken) =>
        new(Moved(Of(id, prompt), [firstToken]), id == 1 ? "A" : id == 7 ? "B" : $"{id}", maxModelLength: 64);
}
