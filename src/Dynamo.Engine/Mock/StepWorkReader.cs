using Dynamo.Engine.Execution;

namespace Dynamo.Engine.Mock;

/// <summary>
/// Finds the work in a step's plan. A plan does not tell prompts from outputs, so this remembers where each slot's next output goes: one row
/// exactly there is a decode, everything else is prefill. Reads steps in the order they run; not thread-safe.
/// </summary>
internal sealed class StepWorkReader
{
    private readonly StepLimits _limits;
    private readonly int[] _outputPositions;
    private readonly int[] _lastSteps;
    private int _step;

    /// <summary>No step has run.</summary>
    /// <param name="limits">Limits of every step.</param>
    /// <param name="numBlocks">Blocks of the pool.</param>
    public StepWorkReader(StepLimits limits, int numBlocks)
    {
        _limits = limits;
        _outputPositions = new int[limits.MaxNumSequences];
        _lastSteps = new int[numBlocks];
    }

    /// <summary>Reads the next step.</summary>
    public StepWork Read(StepBatch batch)
    {
        _step++;
        int numPrefillTokens = 0;
        int numEmitting = 0;
        int numActiveBlocks = 0;
        int logit = 0;
        for (int sequence = 0; sequence < batch.NumSequences; sequence++)
        {
            int start = batch.RowStarts[sequence];
            int end = batch.RowStarts[sequence + 1];
            int last = batch.Positions[end - 1];
            int slot = batch.Slots[sequence];
            bool isDecode = end - start == 1 && last > 0 && last == _outputPositions[slot];
            numPrefillTokens += isDecode ? 0 : end - start;

            bool emits = false;
            for (; logit < batch.NumLogits && batch.LogitRows[logit] < end; logit++)
            {
                emits = true;
            }

            numEmitting += emits ? 1 : 0;
            _outputPositions[slot] = emits ? last + 1 : 0;
            numActiveBlocks += CountNew(batch.BlockTables.AsSpan(slot * _limits.MaxBlocksPerSequence, (last / _limits.BlockSize) + 1));
        }

        return new StepWork(numPrefillTokens, numEmitting, numActiveBlocks, _lastSteps.Length);
    }

    // Blocks that no earlier sequence of this step holds.
    private int CountNew(ReadOnlySpan<int> blocks)
    {
        int count = 0;
        foreach (int block in blocks)
        {
            count += _lastSteps[block] == _step ? 0 : 1;
            _lastSteps[block] = _step;
        }

        return count;
    }
}
