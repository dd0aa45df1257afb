using System.Buffers;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Execution.Wire;
using Dynamo.Engine.Mock;
using Dynamo.Engine.Scheduling;
using Dynamo.Protocol.Frames;
using Dynamo.UnitTests.Engine.Support;
using Xunit;
using static Dynamo.UnitTests.Engine.Support.TestRequests;

namespace Dynamo.UnitTests.Engine.Execution.Wire;

/// <summary>What comes out of the bytes is what went in, and enough to compute and sample by.</summary>
public sealed class StepPlanWireTests
{
    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public void FollowerFedOnlyByPlans_SamplesTheSameTokens(int seed, bool prefixCaching)
    {
        RandomSchedule schedule = new(seed, prefixCaching);
        StepLimits limits = schedule.Rig.Batch.Limits;
        PlanLink link = new(limits, RandomSchedule.NumBlocks, SchedulerRig.VocabularySize);
        SampledTokensWriter answers = new();
        SampledTokensReader answerReader = new(limits, SchedulerRig.VocabularySize);
        MockModelRunner runner = new(new MockModelConfig { VocabularySize = SchedulerRig.VocabularySize });
        runner.Prepare(limits, RandomSchedule.NumBlocks);
        LocalStepExecutor follower = new(runner, limits);
        int numLogprobs = 0;
        int numChunks = 0;
        for (int step = 0; step < 1500; step++)
        {
            schedule.PlanNext();
            StepPlan received = link.Send(schedule.Rig.StepPlan);
            PlanLink.AssertSame(schedule.Rig.StepPlan, received);
            numChunks += received.Batch.NumSequences - received.Batch.NumLogits;

            follower.Launch(received);
            ArrayBufferWriter<byte> answer = new();
            answers.Write(follower.Collect(), answer);
            SampledToken[] sampled = answerReader.Read(answer.WrittenSpan, received.Batch.NumLogits).ToArray();
            schedule.Rig.Compute();
            Assert.Equal(schedule.Rig.Sampled.Select(Text), sampled.Select(Text));
            numLogprobs += sampled.Count(static token => token.Logprobs is not null);
        }

        Scheduler scheduler = schedule.Rig.Scheduler;
        Assert.True(scheduler.NumPreemptions > 20, $"only {scheduler.NumPreemptions} preemptions");
        Assert.True(scheduler.NumPrefixHitTokens > 100 || !prefixCaching, $"only {scheduler.NumPrefixHitTokens} tokens were hits");
        Assert.True(schedule.NumAborts > 20 && schedule.NumParkings > 20, $"only {schedule.NumAborts} aborts and {schedule.NumParkings} parkings");
        Assert.True(numLogprobs > 20 && numChunks > 20, $"only {numLogprobs} log-probabilities and {numChunks} chunks");
    }

    [Fact]
    public void SequenceWhoseKeysCameFromElsewhere_ArrivesWithItsOutputAndAllBlocks()
    {
        SchedulerRig rig = new(numBlocks: 8);
        PlanLink link = new(rig.Batch.Limits, numBlocks: 8, SchedulerRig.VocabularySize);
        Sequence arriving = new(Moved(Of(1, Prompt(8)), [20]), "A", maxModelLength: 32);
        Assert.True(rig.Scheduler.TryReserve(arriving));
        rig.Scheduler.Resume(arriving);
        Assert.Equal("A 8+1*", rig.Plan());

        StepPlan received = link.Send(rig.StepPlan);

        PlanLink.AssertSame(rig.StepPlan, received);
        Assert.Equal((9, 8, 8), (received.Started[0].Tokens.Length, received.Started[0].NumPromptTokens, received.Started[0].NumComputedTokens));
        Assert.Equal([0, 1, 2], received.Batch.BlockTables[..3]);
    }

    [Fact]
    public void Write_PlanThatBreaksARule_IsRefusedAndNoneAfterIt()
    {
        SchedulerRig rig = new(numBlocks: 8);
        rig.Add("A", Prompt(3));
        rig.Plan();
        rig.Batch.Positions[0] = 1;
        StepPlanWriter writer = new(rig.Batch.Limits);
        ArrayBufferWriter<byte> bytes = new();

        Assert.Contains("go on where its last ones ended: slot 0", Assert.Throws<ArgumentException>(() => writer.Write(rig.StepPlan, bytes)).Message);

        rig.Batch.Positions[0] = 0;
        Assert.Throws<InvalidOperationException>(() => writer.Write(rig.StepPlan, bytes));
        Assert.Equal(0, bytes.WrittenCount);
    }

    private static string Text(SampledToken token) => $"{token.TokenId} {Text(token.Logprobs)}";

    private static string Text(TokenLogprobs? logprobs) => logprobs is { } some ? $"{some.Chosen:R} [{string.Join(' ', some.Top)}]" : "none";
}
