using Dynamo.Engine.Blocks;
using Dynamo.Engine.Scheduling;
using Dynamo.Protocol.KV;
using Dynamo.UnitTests.Engine.Support;
using Xunit;

namespace Dynamo.UnitTests.Engine.Scheduling;

/// <summary>
/// What must hold between any two steps, worked out from block tables and events alone: it keeps no counts of its own that the code under
/// test also keeps.
/// </summary>
internal sealed class PoolInvariants : IBlockPoolListener
{
    private readonly HashSet<BlockKey> _findable = [];

    /// <summary>Blocks stored behind a parent that was not findable then.</summary>
    public int NumOrphans { get; private set; }

    /// <inheritdoc/>
    public void OnStored(BlockKey? parent, BlockKey block)
    {
        NumOrphans += parent is { } key && !_findable.Contains(key) ? 1 : 0;
        Assert.True(_findable.Add(block), "stored twice");
    }

    /// <inheritdoc/>
    public void OnRemoved(BlockKey block) => Assert.True(_findable.Remove(block), "removed without having been stored");

    /// <inheritdoc/>
    public void OnCleared() => _findable.Clear();

    /// <summary>Checks all of it.</summary>
    /// <param name="rig">Pool and scheduler.</param>
    /// <param name="submitted">Every sequence so far, in the order of their coming.</param>
    public void Check(SchedulerRig rig, IReadOnlyList<Sequence> submitted)
    {
        int[] holders = new int[rig.Pool.NumBlocks];
        Dictionary<int, (Sequence Holder, int Index)> owners = [];
        foreach (Sequence sequence in rig.Scheduler.Running)
        {
            CheckTable(rig, sequence, holders, owners);
        }

        HashSet<int> free = [.. rig.Pool.EvictionOrder];
        for (int block = 0; block < holders.Length; block++)
        {
            Assert.Equal(holders[block], rig.Pool.Holders(block));
            Assert.True((holders[block] == 0) == free.Contains(block), $"block {block} is held by {holders[block]}; free: {free.Contains(block)}");
        }

        Assert.Equal(rig.Pool.NumBlocks, free.Count + holders.Count(static n => n > 0));
        Assert.Equal(free.Count, rig.Pool.NumFree);
        Assert.Equal(_findable.Count, rig.Pool.NumCached);
        rig.Pool.Verify();
        CheckQueue(rig, submitted);
    }

    private static void CheckTable(SchedulerRig rig, Sequence sequence, int[] holders, Dictionary<int, (Sequence Holder, int Index)> owners)
    {
        int blockSize = rig.Pool.BlockSize;
        int[] blocks = rig.BlocksOf(sequence);
        Assert.Equal(blocks.Length, blocks.Distinct().Count());

        // Enough for what is computed, and none in advance.
        Assert.Equal((sequence.NumComputedTokens + blockSize - 1) / blockSize, blocks.Length);
        for (int i = 0; i < blocks.Length; i++)
        {
            holders[blocks[i]]++;
            if (!owners.TryAdd(blocks[i], (sequence, i)))
            {
                // A shared block is full, at the same place, behind the same tokens.
                (Sequence other, int index) = owners[blocks[i]];
                int end = (i + 1) * blockSize;
                Assert.Equal(index, i);
                Assert.True(sequence.NumComputedTokens >= end && other.NumComputedTokens >= end, "a block that is not full is shared");
                Assert.Equal(other.Root, sequence.Root);
                Assert.Equal(other.Tokens[..end], sequence.Tokens[..end]);
            }
        }
    }

    // First come, first served: whoever runs came before whoever waits, and both are in the order of their coming.
    private static void CheckQueue(SchedulerRig rig, IReadOnlyList<Sequence> submitted)
    {
        Sequence[] alive = [.. submitted.Where(static s => s.State is SequenceState.Running or SequenceState.Waiting)];
        int numRunning = rig.Scheduler.Running.Count;
        Assert.Equal(alive.Take(numRunning), rig.Scheduler.Running);
        Assert.Equal(alive.Length - numRunning, rig.Scheduler.NumWaiting);
        Assert.All(alive.Skip(numRunning), static s => Assert.Equal(SequenceState.Waiting, s.State));
        Assert.Equal(numRunning, rig.Scheduler.Running.Select(static s => s.Slot).Distinct().Count());
    }
}
