using Dynamo.Engine.Scheduling;
using Dynamo.Protocol.Requests;
using Dynamo.UnitTests.Engine.Support;
using Xunit;

namespace Dynamo.UnitTests.Engine.Scheduling;

/// <summary>
/// Thousands of random submits, aborts and steps with small pools, shared prefixes, tenants and moved requests. After each operation every
/// invariant is checked; each finished text must be the one that the mock model gives without blocks.
/// </summary>
public sealed class SchedulerFuzzTests
{
    private const int NumOperations = 5000;
    private const int MaxAlive = 24;

    [Theory]
    [InlineData(1, 10, 4, 64, 8, true)]
    [InlineData(2, 10, 4, 64, 8, false)]
    [InlineData(3, 10, 4, 5, 5, true)]
    [InlineData(4, 12, 4, 9, 4, true)]
    [InlineData(5, 5, 8, 16, 6, true)]
    [InlineData(6, 40, 1, 16, 8, true)]
    [InlineData(7, 40, 1, 7, 3, false)]
    [InlineData(8, 160, 2, 64, 16, true)]
    [InlineData(9, 25, 2, 64, 16, true)]
    [InlineData(10, 3, 16, 32, 4, true)]
    public void Step_RandomOperations_NoInvariantBreaksAndEveryTextIsRight(
        int seed, int numBlocks, int blockSize, int maxBatchedTokens, int maxNumSequences, bool prefixCaching)
    {
        PoolInvariants invariants = new();
        SchedulerRig rig = new(numBlocks, blockSize, maxBatchedTokens, maxNumSequences, prefixCaching, invariants);
        Random random = new(seed);
        List<Sequence> submitted = [];
        int numFinished = 0;
        int numAborted = 0;
        for (int operation = 0; operation < NumOperations || rig.Scheduler.HasWork; operation++)
        {
            Assert.InRange(operation, 0, NumOperations + 3000);
            int dice = random.Next(100);
            List<Sequence> alive = [.. submitted.Where(static s => s.State is SequenceState.Running or SequenceState.Waiting)];
            if (dice < 25 && operation < NumOperations && alive.Count < MaxAlive)
            {
                submitted.Add(rig.Add($"{submitted.Count}", RandomRequests.Next(random, submitted.Count, rig.Batch.Limits.MaxModelLength)));
            }
            else if (dice < 27 && alive.Count > 0)
            {
                rig.Scheduler.Finish(alive[random.Next(alive.Count)]);
                numAborted++;
            }
            else if (rig.Scheduler.HasWork)
            {
                Assert.True(rig.Scheduler.Schedule(), "there is work and nothing was scheduled");
                CheckPlan(rig);
                foreach (Sequence ended in rig.Compute())
                {
                    numFinished++;
                    CheckText(ended, rig.Batch.Limits.MaxModelLength);
                }
            }

            invariants.Check(rig, submitted);
        }

        Assert.Equal(numBlocks, rig.Pool.NumFree);
        Assert.Equal(submitted.Count, numFinished + numAborted);
        Assert.Equal(0, invariants.NumOrphans);
        Assert.InRange(numAborted, 20, numFinished);
        Assert.True(rig.Scheduler.NumPreemptions > 10 || numBlocks == 160, $"only {rig.Scheduler.NumPreemptions} preemptions");
        Assert.True(rig.Scheduler.NumPrefixHitTokens > 100 || !prefixCaching, $"only {rig.Scheduler.NumPrefixHitTokens} tokens were hits");
    }

    private static void CheckPlan(SchedulerRig rig)
    {
        Assert.InRange(rig.Batch.NumTokens, 1, rig.Batch.Limits.MaxBatchedTokens);
        Assert.InRange(rig.Batch.NumSequences, 1, rig.Batch.Limits.MaxNumSequences);
        Assert.Same(rig.Scheduler.Running[0], rig.Scheduler.Scheduled[0]);
        Assert.Equal(rig.Scheduler.Scheduled.Distinct(), rig.Scheduler.Scheduled);
        Assert.Equal(rig.Scheduler.Scheduled.Sum(static s => s.NumScheduledTokens), rig.Batch.NumTokens);
    }

    private static void CheckText(Sequence sequence, int maxModelLength)
    {
        GenerationRequest request = TestRequests.Of(0, sequence.Tokens[..sequence.NumPromptTokens].ToArray(), sequence.Sampling);

        Assert.Equal(MockText.Of(request, SchedulerRig.VocabularySize, maxModelLength), sequence.Tokens[sequence.NumPromptTokens..].ToArray());
    }
}
