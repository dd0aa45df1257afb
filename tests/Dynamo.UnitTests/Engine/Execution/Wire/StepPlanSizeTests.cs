using Dynamo.Engine.Execution;
using Dynamo.Protocol.Requests;
using Xunit;

namespace Dynamo.UnitTests.Engine.Execution.Wire;

/// <summary>How many bytes a plan takes, exactly, and that steady decode makes nothing.</summary>
public sealed class StepPlanSizeTests
{
    private const int Head = 2;
    private const int NumBlocks = 16_384;
    private const int VocabularySize = 151_936;

    [Theory]
    [InlineData(1, 100, Head + 1)]
    [InlineData(1, 16_000, Head + 2)]
    [InlineData(1, 151_935, Head + 3)]
    [InlineData(256, 16_000, Head + (256 * 2))]
    [InlineData(256, 151_935, Head + (256 * 3))]
    public void StepOfSteadyDecode_TakesTheTokensAndTwoBytes(int numSequences, int token, int expected)
    {
        Decode decode = new(numSequences);
        decode.Step(token);

        Assert.Equal(expected, decode.Step(token));
    }

    [Fact]
    public void StepThatAppendsABlock_TakesItsIdBesides()
    {
        Decode decode = new(numSequences: 1);

        // Blocks of 16 tokens: the first is full after 15 more, and 9,000 takes two bytes.
        Assert.Equal([.. Enumerable.Repeat(Head + 1, 15), Head + 1 + 2, Head + 1], Enumerable.Range(0, 17).Select(_ => decode.Step(token: 1)));
    }

    [Fact]
    public void SequenceThatLeavesOtherwiseSteadyDecode_TakesTwoBytesMore()
    {
        Decode decode = new(numSequences: 3);
        decode.Step(1);

        Assert.Equal(Head + 2 + 2, decode.Step(1, leaving: 1));
        Assert.Equal(Head + 2, decode.Step(1));
    }

    [Fact]
    public void SequenceThatIsLeftOut_CostsTheListOfTheOthersOnce()
    {
        Decode decode = new(numSequences: 3);
        decode.Step(1);

        Assert.Equal(Head + 1 + 2 + 2, decode.Step(1, leaving: 1, isOver: false));
        Assert.Equal(Head + 2, decode.Step(1));
    }

    [Fact]
    public void StepsOfSteadyDecode_AllocateNothingOnEitherSide()
    {
        Decode decode = new(numSequences: 256);
        for (int i = 0; i < 40; i++)
        {
            decode.Step(151_000 + i);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            decode.Step(150_000 + i);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // Sequences of one token of prompt each, in their order.
    private sealed class Decode
    {
        private static readonly StepLimits Limits = new()
        {
            MaxBatchedTokens = 256,
            MaxNumSequences = 256,
            MaxLogitRows = 256,
            MaxModelLength = 1024,
            BlockSize = 16,
        };

        private readonly StepPlan _plan = new(Limits);
        private readonly PlanLink _link = new(Limits, NumBlocks, VocabularySize);
        private int _position;

        public Decode(int numSequences)
        {
            for (int i = 0; i < numSequences; i++)
            {
                _plan.Started[i] = new SlotStart(i, new SamplingParameters(), new int[1], 1, 0);
                _plan.Batch.Slots[i] = i;
                Array.Fill(_plan.Batch.BlockTables, 9_000, i * Limits.MaxBlocksPerSequence, Limits.MaxBlocksPerSequence);
            }

            _plan.Batch.NumSequences = _plan.NumStarted = numSequences;
            Step(0);
            _plan.NumStarted = 0;
        }

        public int Step(int token, int? leaving = null, bool isOver = true)
        {
            StepBatch batch = _plan.Batch;
            _plan.NumEnded = 0;
            if (leaving is { } slot)
            {
                (_plan.EndedSlots[0], _plan.NumEnded) = (slot, isOver ? 1 : 0);
                Array.Copy(batch.Slots, slot + 1, batch.Slots, slot, batch.NumSequences-- - slot - 1);
            }

            for (int i = 0; i < batch.NumSequences; i++)
            {
                (batch.TokenIds[i], batch.Positions[i], batch.RowStarts[i + 1], batch.LogitRows[i]) = (token, _position, i + 1, i);
            }

            batch.NumTokens = batch.NumLogits = batch.NumSequences;
            _position++;
            StepPlan received = _link.Send(_plan);
            Assert.True(received.Batch.NumTokens == batch.NumTokens);
            return _link.Bytes.Length;
        }
    }
}
