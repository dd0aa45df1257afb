using Dynamo.Engine.Execution;

namespace Dynamo.UnitTests.Engine.Mock;

/// <summary>Writes small plans as the scheduler would.</summary>
internal static class MockSteps
{
    /// <summary>Blocks of 4 tokens, sequences of up to 16.</summary>
    public static StepLimits Limits { get; } = new() { MaxBatchedTokens = 32, MaxNumSequences = 4, MaxLogitRows = 4, MaxModelLength = 16, BlockSize = 4 };

    /// <summary>Replaces the plan by one of these sequences; each asks for the logits of its last row if it emits.</summary>
    public static StepBatch Plan(this StepBatch batch, params ReadOnlySpan<MockPart> parts)
    {
        (batch.NumSequences, batch.NumTokens, batch.NumLogits) = (0, 0, 0);
        foreach (MockPart part in parts)
        {
            batch.Slots[batch.NumSequences] = part.Slot;
            part.Blocks.CopyTo(batch.BlockTables.AsSpan(part.Slot * batch.Limits.MaxBlocksPerSequence));
            for (int i = 0; i < part.Tokens.Length; i++)
            {
                batch.TokenIds[batch.NumTokens] = part.Tokens[i];
                batch.Positions[batch.NumTokens++] = part.Start + i;
            }

            if (part.Emits)
            {
                batch.LogitRows[batch.NumLogits++] = batch.NumTokens - 1;
            }

            batch.RowStarts[++batch.NumSequences] = batch.NumTokens;
        }

        return batch;
    }
}

/// <summary>Some tokens of one sequence, at positions from <paramref name="Start"/> on.</summary>
internal sealed record MockPart(int Slot, int Start, int[] Tokens, int[] Blocks, bool Emits = true);
