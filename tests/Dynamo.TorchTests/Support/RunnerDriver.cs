using Dynamo.Engine.Execution;

namespace Dynamo.TorchTests.Support;

/// <summary>Feeds token lists to a runner, several sequences at once, each in blocks scattered over the cache.</summary>
internal sealed class RunnerDriver
{
    private readonly IModelRunner _runner;
    private readonly StepBatch _batch;
    private readonly int[] _computed;

    public RunnerDriver(IModelRunner runner, int numSequences, int maxLength, int maxRows, int blockSize)
    {
        _runner = runner;
        StepLimits limits = new()
        {
            MaxBatchedTokens = maxRows,
            MaxNumSequences = numSequences,
            MaxLogitRows = maxRows,
            MaxModelLength = maxLength,
            BlockSize = blockSize,
        };
        int numBlocks = numSequences * limits.MaxBlocksPerSequence;
        runner.Prepare(limits, numBlocks);
        _batch = new StepBatch(limits);
        _computed = new int[numSequences];

        // Blocks of a sequence lie far apart and in falling order.
        for (int i = 0; i < numBlocks; i++)
        {
            (int sequence, int entry) = (i % numSequences, i / numSequences);
            _batch.BlockTables[(sequence * limits.MaxBlocksPerSequence) + entry] = numBlocks - 1 - i;
        }
    }

    /// <summary>Makes a sequence that has computed nothing begin behind the first blocks of another.</summary>
    public void Share(int from, int to, int numBlocks)
    {
        int width = _batch.Limits.MaxBlocksPerSequence;
        Array.Copy(_batch.BlockTables, from * width, _batch.BlockTables, to * width, numBlocks);
        _computed[to] = numBlocks * _batch.Limits.BlockSize;
    }

    /// <summary>Computes the given tokens of each sequence and returns the logits of all of them, or of the last of each.</summary>
    public float[] Step(IReadOnlyList<ReadOnlyMemory<int>> tokens, bool allLogits)
    {
        int row = 0;
        int sequences = 0;
        int logits = 0;
        for (int i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Length == 0)
            {
                continue;
            }

            _batch.RowStarts[sequences] = row;
            _batch.Slots[sequences++] = i;
            foreach (int token in tokens[i].Span)
            {
                _batch.TokenIds[row] = token;
                _batch.Positions[row] = _computed[i]++;
                if (allLogits)
                {
                    _batch.LogitRows[logits++] = row;
                }

                row++;
            }

            if (!allLogits)
            {
                _batch.LogitRows[logits++] = row - 1;
            }
        }

        _batch.RowStarts[sequences] = row;
        (_batch.NumSequences, _batch.NumTokens, _batch.NumLogits) = (sequences, row, logits);
        return Run();
    }

    // A runner has taken all it needs once a launch returns: what the batch holds then is nobody's business.
    private float[] Run()
    {
        int[] tables = [.. _batch.BlockTables];
        _runner.Launch(_batch);
        (_batch.NumSequences, _batch.NumTokens, _batch.NumLogits) = (0, 0, 0);
        foreach (int[] numbers in (int[][])[_batch.TokenIds, _batch.Positions, _batch.RowStarts, _batch.Slots, _batch.LogitRows, _batch.BlockTables])
        {
            Array.Fill(numbers, int.MaxValue);
        }

        float[] logits = _runner.Collect().ToArray();
        tables.CopyTo(_batch.BlockTables, 0);
        _batch.RowStarts[0] = 0;
        return logits;
    }
}
