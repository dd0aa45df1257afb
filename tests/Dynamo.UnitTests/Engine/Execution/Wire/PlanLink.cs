using System.Buffers;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Execution.Wire;
using Dynamo.Protocol.Requests;
using Dynamo.Protocol.Wire;
using Xunit;

namespace Dynamo.UnitTests.Engine.Execution.Wire;

/// <summary>A writer, a reader, and the bytes in between.</summary>
internal sealed class PlanLink(StepLimits limits, int numBlocks, int vocabularySize)
{
    private readonly StepPlanWriter _writer = new(limits);
    private readonly StepPlanReader _reader = new(limits, numBlocks, vocabularySize);
    private readonly ArrayBufferWriter<byte> _bytes = new(1 << 16);

    /// <summary>Bytes of the last plan.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    /// <summary>Writes and reads the next plan.</summary>
    public StepPlan Send(StepPlan plan)
    {
        _bytes.ResetWrittenCount();
        _writer.Write(plan, _bytes);
        return _reader.Read(_bytes.WrittenSpan);
    }

    /// <summary>Compares all that is in use, number by number.</summary>
    public static void AssertSame(StepPlan expected, StepPlan actual)
    {
        (StepBatch ours, StepBatch theirs) = (expected.Batch, actual.Batch);
        Assert.Equal((ours.NumSequences, ours.NumTokens, ours.NumLogits), (theirs.NumSequences, theirs.NumTokens, theirs.NumLogits));
        Assert.Equal(ours.TokenIds[..ours.NumTokens], theirs.TokenIds[..ours.NumTokens]);
        Assert.Equal(ours.Positions[..ours.NumTokens], theirs.Positions[..ours.NumTokens]);
        Assert.Equal(ours.RowStarts[..(ours.NumSequences + 1)], theirs.RowStarts[..(ours.NumSequences + 1)]);
        Assert.Equal(ours.Slots[..ours.NumSequences], theirs.Slots[..ours.NumSequences]);
        Assert.Equal(ours.LogitRows[..ours.NumLogits], theirs.LogitRows[..ours.NumLogits]);
        for (int i = 0; i < ours.NumSequences; i++)
        {
            Assert.Equal(TableOf(ours, i), TableOf(theirs, i));
        }

        Assert.Equal(expected.EndedSlots[..expected.NumEnded], actual.EndedSlots[..actual.NumEnded]);
        Assert.Equal(expected.Started[..expected.NumStarted].Select(Text), actual.Started[..actual.NumStarted].Select(Text));
    }

    private static int[] TableOf(StepBatch batch, int sequence)
    {
        int last = batch.Positions[batch.RowStarts[sequence + 1] - 1];
        return batch.BlockTables.AsSpan(batch.Slots[sequence] * batch.Limits.MaxBlocksPerSequence, batch.Limits.BlocksFor(last + 1)).ToArray();
    }

    private static string Text(SlotStart start) =>
        $"{start.Slot} {start.NumPromptTokens} {start.NumComputedTokens} [{string.Join(' ', start.Tokens.ToArray())}] {Convert.ToHexString(BytesOf(start.Sampling))}";

    private static byte[] BytesOf(SamplingParameters sampling)
    {
        WireWriter writer = new();
        SamplingParametersCodec.Write(ref writer, sampling);
        byte[] bytes = writer.Written.ToArray();
        writer.Dispose();
        return bytes;
    }
}
