using System.Buffers;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Execution.Wire;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Wire;
using Dynamo.UnitTests.Engine.Support;
using Xunit;

namespace Dynamo.UnitTests.Engine.Execution.Wire;

/// <summary>Bytes that anybody may have sent: a plan inside the limits, or the one exception.</summary>
public sealed class HostilePlanTests
{
    private static readonly StepLimits Limits = new RandomSchedule(1).Rig.Batch.Limits;

    // Plans of a real scheduler, with everything that they may have.
    private static readonly byte[][] Plans = Record(seed: 5, count: 80);

    [Fact]
    public void PlanCutAnywhere_IsRefused()
    {
        for (int i = 0; i < Plans.Length; i++)
        {
            for (int length = 0; length < Plans[i].Length; length++)
            {
                Assert.Throws<WireFormatException>(() => Behind(i).Read(Plans[i].AsSpan(0, length)));
            }
        }
    }

    [Fact]
    public void PlanWithAByteMore_IsRefused()
    {
        for (int i = 0; i < Plans.Length; i++)
        {
            Assert.Throws<WireFormatException>(() => Behind(i).Read([.. Plans[i], 0]));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void PlanWithChangedBytes_IsRefusedOrInsideTheLimits(int numBytes)
    {
        Random random = new(numBytes);
        int numRefused = 0;
        int numRead = 0;
        for (int trial = 0; trial < 6000; trial++)
        {
            int i = random.Next(Plans.Length - 3);
            byte[] bytes = [.. Plans[i]];
            for (int j = 0; j < numBytes; j++)
            {
                // The first two say version, parts and number, which is tested elsewhere; here as a rule what comes behind.
                bytes[random.Next(random.Next(20) == 0 ? 0 : Math.Min(2, bytes.Length - 1), bytes.Length)] = (byte)random.Next(256);
            }

            StepPlanReader reader = Behind(i);
            try
            {
                Check(reader.Read(bytes));
                numRead++;

                // Whoever believed wrong bytes reads right ones as something else.
                Check(reader.Read(Plans[i + 1]));
                Check(reader.Read(Plans[i + 2]));
            }
            catch (WireFormatException e)
            {
                Assert.StartsWith("Byte ", e.Message);
                numRefused++;
            }
        }

        Assert.True(numRefused > 1000 && numRead > 100, $"{numRefused} were refused, {numRead} read");
    }

    [Fact]
    public void LostOrRepeatedPlan_IsNoticedByItsNumber()
    {
        Assert.Contains("plan 7 (modulo 256) where 6 belongs: 1 were lost", Assert.Throws<WireFormatException>(() => Behind(5).Read(Plans[6])).Message);
        Assert.Contains("or 1 come again", Assert.Throws<WireFormatException>(() => Behind(5).Read(Plans[4])).Message);
    }

    [Fact]
    public void ReaderThatRefusedAPlan_ReadsNoneAfterIt()
    {
        StepPlanReader reader = Behind(5);
        Assert.Throws<WireFormatException>(() => reader.Read([]));

        Assert.Throws<InvalidOperationException>(() => reader.Read(Plans[5]));
    }

    [Theory]
    [InlineData("20 01", "a plan in version 2; this build reads version 1")]
    [InlineData("18 01", "plan flags 8")]
    [InlineData("10 02", "plan 2 (modulo 256) where 1 belongs")]
    [InlineData("10 01", "a plan without sequences")]
    [InlineData("11 01 07", "number of slots that end 7, which must be below 7")]
    [InlineData("11 01 01 06", "slot 6, which must be below 6")]
    [InlineData("11 01 01 05", "slot 5, which nobody has")]
    [InlineData("12 01 01", "a length of 1 with 0 bytes left")]
    [InlineData("14 01 01 00", "slot 0, which nobody has")]
    public void FirstPlanThatIsWrong_SaysWhatAndTheLimit(string hex, string expected) =>
        Assert.Contains(expected, Assert.Throws<WireFormatException>(() => Behind(0).Read(Convert.FromHexString(hex.Replace(" ", "")))).Message);

    [Theory]
    [InlineData(6, 1, 0, 1, 1f, "slot 6, which must be below 6")]
    [InlineData(0, 0, 0, 1, 1f, "1 tokens, 0 of them prompt")]
    [InlineData(0, 2, 0, 1, 1f, "1 tokens, 2 of them prompt")]
    [InlineData(0, 1, 1, 1, 1f, "1 computed")]
    [InlineData(0, 1, 0, 32, 1f, "token 32, which must be below 32")]
    [InlineData(0, 1, 0, 1, 3f, "temperature must be at least 0 and at most 2, is 3")]
    [InlineData(0, 1, 0, 1, float.NaN, "temperature must be at least 0 and at most 2, is NaN")]
    public void StartOutOfRange_SaysWhatAndTheLimit(int slot, int numPromptTokens, int numComputedTokens, int token, float temperature, string expected)
    {
        WireWriter writer = new();
        writer.WriteByte(0x12);
        writer.WriteByte(1);
        writer.WriteInt32(1);
        SlotStartCodec.Write(
            ref writer, new SlotStart(slot, new SamplingParameters { Temperature = temperature }, new[] { token }, numPromptTokens, numComputedTokens));
        byte[] bytes = [.. writer.Written, 1, 0];
        writer.Dispose();

        Assert.Contains(expected, Assert.Throws<WireFormatException>(() => Behind(0).Read(bytes)).Message);
    }

    [Fact]
    public void BlockThatDoesNotExist_SaysTheLimit()
    {
        byte[] bytes = StartOfSlot0([1, 2], rest: []);

        Assert.Equal(2, Behind(0).Read([.. bytes, 2, 23]).Batch.NumTokens);
        Assert.Contains("block 24, which must be below 24", Assert.Throws<WireFormatException>(() => Behind(0).Read([.. bytes, 2, 24])).Message);
        Assert.Contains("number of rows 3, which must be below 3", Assert.Throws<WireFormatException>(() => Behind(0).Read([.. bytes, 3, 0])).Message);
        Assert.Contains("slot 0 has no row", Assert.Throws<WireFormatException>(() => Behind(0).Read([.. bytes, 0, 0])).Message);
    }

    [Fact]
    public void SlotThatIsListedTwice_IsRefused()
    {
        byte[] first = StartOfSlot0([1], rest: [1, 0]);

        StepPlanReader reader = Behind(0);
        reader.Read(first);
        Assert.Contains("slot 0 is in a batch twice", Assert.Throws<WireFormatException>(() => reader.Read([0x14, 2, 2, 0, 0])).Message);
    }

    [Fact]
    public void SequenceLongerThanTheLongest_IsRefused()
    {
        StepPlanReader reader = new(Limits with { MaxModelLength = 3 }, RandomSchedule.NumBlocks, SchedulerRig.VocabularySize);
        reader.Read(StartOfSlot0([1, 2], rest: [2, 0]));
        Assert.Equal(2, reader.Read([0x10, 2, 5]).Batch.Positions[0]);

        Assert.Contains("slot 0, which has 3 of 3", Assert.Throws<WireFormatException>(() => reader.Read([0x10, 3, 5])).Message);
        Assert.Contains("number of prompt tokens 4, which must be below 4", Assert.Throws<WireFormatException>(
            () => new StepPlanReader(Limits with { MaxModelLength = 3 }, 1, SchedulerRig.VocabularySize).Read(StartOfSlot0([1, 2, 3, 4], rest: [4, 0]))).Message);
    }

    [Fact]
    public void MoreRowsOrLogitsThanAStepMayHave_AreRefused()
    {
        byte[] start = StartOfSlot0([1, 2], rest: [2, 0]);

        Assert.Contains("number of rows 2, which must be below 2", Refused(Limits with { MaxBatchedTokens = 1 }));
        Assert.Contains("more than 0 rows of logits", Refused(Limits with { MaxLogitRows = 0 }));

        string Refused(StepLimits limits) => Assert.Throws<WireFormatException>(
            () => new StepPlanReader(limits, RandomSchedule.NumBlocks, SchedulerRig.VocabularySize).Read(start)).Message;
    }

    private static byte[] StartOfSlot0(int[] tokens, byte[] rest)
    {
        WireWriter writer = new();
        writer.WriteByte(0x12);
        writer.WriteByte(1);
        writer.WriteInt32(1);
        SlotStartCodec.Write(ref writer, new SlotStart(0, new SamplingParameters(), tokens, tokens.Length, 0));
        byte[] bytes = [.. writer.Written, .. rest];
        writer.Dispose();
        return bytes;
    }

    private static byte[][] Record(int seed, int count)
    {
        RandomSchedule schedule = new(seed);
        StepPlanWriter writer = new(schedule.Rig.Batch.Limits);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            schedule.PlanNext();
            ArrayBufferWriter<byte> bytes = new();
            writer.Write(schedule.Rig.StepPlan, bytes);
            schedule.Rig.Compute();
            return bytes.WrittenSpan.ToArray();
        })];
    }

    // A reader that has read the first ones.
    private static StepPlanReader Behind(int count)
    {
        StepPlanReader reader = new(Limits, RandomSchedule.NumBlocks, SchedulerRig.VocabularySize);
        foreach (byte[] plan in Plans.AsSpan(0, count))
        {
            reader.Read(plan);
        }

        return reader;
    }

    private static void Check(StepPlan plan)
    {
        StepBatch batch = plan.Batch;
        Assert.InRange(batch.NumSequences, 1, Limits.MaxNumSequences);
        Assert.InRange(batch.NumTokens, batch.NumSequences, Limits.MaxBatchedTokens);
        Assert.InRange(batch.NumLogits, 0, Math.Min(batch.NumSequences, Limits.MaxLogitRows));
        Assert.Equal(batch.NumSequences, batch.Slots.Take(batch.NumSequences).Distinct().Count());
        Assert.Equal((0, batch.NumTokens), (batch.RowStarts[0], batch.RowStarts[batch.NumSequences]));
        for (int i = 0; i < batch.NumSequences; i++)
        {
            (int start, int end) = (batch.RowStarts[i], batch.RowStarts[i + 1]);
            Assert.True(start < end);
            Assert.InRange(batch.Slots[i], 0, Limits.MaxNumSequences - 1);
            Assert.InRange(batch.Positions[start], 0, Limits.MaxModelLength - 1);
            Assert.Equal(Enumerable.Range(batch.Positions[start], end - start), batch.Positions[start..end]);
            Assert.InRange(batch.Positions[end - 1], 0, Limits.MaxModelLength - 1);
            int first = batch.Slots[i] * Limits.MaxBlocksPerSequence;
            Assert.All(batch.BlockTables[first..(first + Limits.BlocksFor(batch.Positions[end - 1] + 1))], static block => Assert.InRange(block, 0, RandomSchedule.NumBlocks - 1));
        }

        Assert.All(batch.TokenIds[..batch.NumTokens], static token => Assert.InRange(token, 0, SchedulerRig.VocabularySize - 1));
        Assert.All(batch.LogitRows[..batch.NumLogits], row => Assert.Contains(row + 1, batch.RowStarts[1..(batch.NumSequences + 1)]));
        foreach (SlotStart start in plan.Started.AsSpan(0, plan.NumStarted))
        {
            Assert.Null(SamplingParametersValidator.FirstFault(start.Sampling, SchedulerRig.VocabularySize));
            Assert.InRange(start.NumPromptTokens, 1, start.Tokens.Length);
            Assert.InRange(start.NumComputedTokens, 0, start.Tokens.Length - 1);
        }
    }
}
