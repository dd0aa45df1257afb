using Dynamo.Engine.Execution;

namespace Dynamo.Torch.Cpu;

/// <summary>
/// Runs steps of the sizes that serving begins with, before anyone waits for them: compiles kernels, and lets oneDNN build its code for each
/// number of rows (some 0.4 ms for each shape of linear layer, measured).
/// </summary>
internal static class WarmUp
{
    private const int MaxRows = 64;

    /// <summary>Runs them over blocks 0 and up, whose content does not matter yet.</summary>
    public static void Run<TActivation, T>(CpuStep<TActivation, T> step, StepLimits limits, int numBlocks)
        where TActivation : unmanaged
        where T : unmanaged
    {
        StepBatch batch = new(limits);
        int most = Math.Min(Math.Min(MaxRows, limits.MaxBatchedTokens), Math.Min(limits.MaxModelLength, numBlocks * limits.BlockSize));
        for (int i = 0; i < limits.MaxBlocksPerSequence && i < numBlocks; i++)
        {
            batch.BlockTables[i] = i;
        }

        for (int numRows = 1; numRows <= most; numRows = numRows < 16 ? numRows + 1 : numRows * 2)
        {
            batch.NumSequences = 1;
            batch.NumTokens = numRows;
            batch.NumLogits = 1;
            batch.RowStarts[1] = numRows;
            batch.LogitRows[0] = numRows - 1;
            for (int i = 0; i < numRows; i++)
            {
                batch.TokenIds[i] = 0;
                batch.Positions[i] = i;
            }

            step.Execute(batch);
        }
    }
}
