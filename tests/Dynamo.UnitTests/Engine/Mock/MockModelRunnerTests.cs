using Dynamo.Engine.Execution;
using Dynamo.Engine.Mock;
using Dynamo.UnitTests.Engine.Support;
using Xunit;

namespace Dynamo.UnitTests.Engine.Mock;

/// <summary>The mock model is what other tests lean on: it must notice a wrong plan and a wrong cache.</summary>
public sealed class MockModelRunnerTests
{
    private readonly MockModelRunner _runner = new(new MockModelConfig { VocabularySize = 16 });
    private readonly StepBatch _batch;

    public MockModelRunnerTests()
    {
        StepLimits limits = new() { MaxBatchedTokens = 16, MaxNumSequences = 4, MaxLogitRows = 16, MaxModelLength = 16, BlockSize = 4 };
        _batch = new StepBatch(limits);
        _runner.Prepare(limits, numBlocks: 8);
    }

    [Fact]
    public void Execute_ScatteredBlocksInChunks_GivesTheLogitsOfThePureFunction()
    {
        int[] tokens = [3, 1, 4, 1, 5, 9, 2, 6, 5, 3];
        Plan((2, 0, tokens[..3], [6, 1, 4]));
        _runner.Execute(_batch);
        Plan((2, 3, tokens[3..9], [6, 1, 4]));
        _runner.Execute(_batch);
        Plan((2, 9, tokens[9..], [6, 1, 4]));

        float[] expected = new float[16];
        MockReference.Logits(tokens, expected);
        Assert.Equal(expected, _runner.Execute(_batch).ToArray());
        Assert.All(expected, static l => Assert.InRange(l, -8f, 8f));
    }

    [Fact]
    public void Execute_TwoSequences_EachGetsItsOwnRow()
    {
        Plan((0, 0, [1, 2], [0]), (1, 0, [3], [1]));

        float[] logits = _runner.Execute(_batch).ToArray();

        float[] expected = new float[16];
        MockReference.Logits([1, 2], expected);
        Assert.Equal(expected, logits[..16]);
        MockReference.Logits([3], expected);
        Assert.Equal(expected, logits[16..]);
    }

    [Fact]
    public void Execute_OneEarlyTokenDiffers_ChangesTheRow()
    {
        float[] one = new float[16];
        float[] other = new float[16];
        MockReference.Logits([1, 2, 3, 4, 5], one);
        MockReference.Logits([2, 2, 3, 4, 5], other);

        Assert.NotEqual(one, other);
    }

    [Fact]
    public void Execute_PositionNeverWritten_IsRefused()
    {
        Plan((0, 2, [1, 2], [0]));

        Assert.Contains("position 1 of sequence 0 was never written", Assert.Throws<InvalidOperationException>(() => _runner.Execute(_batch).Length).Message);
    }

    [Fact]
    public void Execute_TwoWritersOfABlock_IsRefused()
    {
        Plan((0, 0, [1, 2], [5]), (1, 0, [3], [5]));

        Assert.Contains("sequences 0 and 1 both write to block 5", Assert.Throws<InvalidOperationException>(() => _runner.Execute(_batch).Length).Message);
    }

    [Fact]
    public void Execute_PositionsWithAGap_IsRefused()
    {
        Plan((0, 0, [1, 2], [0]));
        _batch.Positions[1] = 2;

        Assert.Contains("position 2 in row 1 does not follow 0", Assert.Throws<InvalidOperationException>(() => _runner.Execute(_batch).Length).Message);
    }

    [Fact]
    public void Execute_SequenceWithoutRows_IsRefused()
    {
        Plan((0, 0, [], [0]));

        Assert.Contains("owns rows 0 to 0", Assert.Throws<InvalidOperationException>(() => _runner.Execute(_batch).Length).Message);
    }

    [Fact]
    public void Execute_LogitRowOfNobody_IsRefused()
    {
        Plan((0, 0, [1], [0]));
        _batch.LogitRows[0] = 3;

        Assert.Contains("row 3", Assert.Throws<InvalidOperationException>(() => _runner.Execute(_batch).Length).Message);
    }

    // One entry for each sequence: its slot, first position, tokens and blocks; the logits of each last row are wanted.
    private void Plan(params (int Slot, int First, int[] Tokens, int[] Blocks)[] sequences)
    {
        int row = 0;
        for (int i = 0; i < sequences.Length; i++)
        {
            (int slot, int first, int[] tokens, int[] blocks) = sequences[i];
            _batch.RowStarts[i] = row;
            _batch.Slots[i] = slot;
            blocks.CopyTo(_batch.BlockTables.AsSpan(slot * _batch.Limits.MaxBlocksPerSequence));
            for (int j = 0; j < tokens.Length; j++)
            {
                _batch.TokenIds[row] = tokens[j];
                _batch.Positions[row++] = first + j;
            }

            _batch.LogitRows[i] = row - 1;
        }

        _batch.RowStarts[sequences.Length] = row;
        (_batch.NumSequences, _batch.NumTokens, _batch.NumLogits) = (sequences.Length, row, sequences.Length);
    }
}
