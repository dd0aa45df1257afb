using Dynamo.Engine.Execution;

namespace Dynamo.Engine.Mock;

/// <summary>
/// Runs <see cref="MockModel"/> over a paged cache: each token is written to the block that the block table names, and logits are computed
/// from what is read back through the table. A fault in scheduling or in the block pool thus shows as wrong tokens, and a malformed plan as
/// an exception. For tests, simulations and trying a cluster without a model.
/// </summary>
public sealed class MockModelRunner : IModelRunner
{
    private readonly MockModelConfig _config;
    private StepLimits? _limits;
    private ulong[] _cells = [];
    private ulong[] _sums = [];
    private ulong[] _parents = [];
    private int[] _writers = [];
    private float[] _logits = [];
    private int _numLogits;
    private SingleStep _step;

    /// <summary>Creates a runner; <see cref="Prepare"/> gives it its cache.</summary>
    public MockModelRunner(MockModelConfig config)
    {
        _config = config;
        Shape = new ModelShape
        {
            Architecture = "MockForCausalLM",
            VocabularySize = config.VocabularySize,
            MaxPositions = config.MaxPositions,
            DType = "float32",
            NumParameters = 0,
        };
    }

    /// <inheritdoc/>
    public ModelShape Shape { get; }

    /// <inheritdoc/>
    public string NumericsClass => _config.NumericsClass;

    /// <inheritdoc/>
    public int MaxStepsInFlight => 1;

    /// <inheritdoc/>
    public long KVBytesPerBlock(int blockSize) => (_config.KeepSums ? (2L * blockSize) + 1 : blockSize) * sizeof(ulong);

    /// <inheritdoc/>
    public void Prepare(StepLimits limits, int numBlocks)
    {
        _limits = limits;
        _cells = new ulong[checked(numBlocks * limits.BlockSize)];
        if (_config.KeepSums)
        {
            _sums = new ulong[_cells.Length];
            _parents = new ulong[numBlocks];
        }

        _writers = new int[numBlocks];
        _logits = [];
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The batch contradicts itself or what the cache holds; the message says where.</exception>
    public void Launch(StepBatch batch)
    {
        _step.RequireNone();
        _config.BeforeStep?.Invoke(batch);
        Array.Clear(_writers);
        for (int sequence = 0; sequence < batch.NumSequences; sequence++)
        {
            Write(batch, sequence);
        }

        Span<float> logits = Rows(batch.NumLogits);
        int logit = 0;
        for (int sequence = 0; sequence < batch.NumSequences; sequence++)
        {
            for (; logit < batch.NumLogits && batch.LogitRows[logit] < batch.RowStarts[sequence + 1]; logit++)
            {
                int position = batch.Positions[batch.LogitRows[logit]];
                ulong sum = _config.KeepSums ? KeptSum(batch, sequence, position) : Attended(batch, sequence, position);
                Project(sum, logits.Slice(logit * _config.VocabularySize, _config.VocabularySize));
            }
        }

        if (logit != batch.NumLogits)
        {
            throw Malformed($"row {batch.LogitRows[logit]}, whose logits are wanted, belongs to no sequence");
        }

        _config.AfterStep?.Invoke(batch, logits);
        _numLogits = batch.NumLogits;
        _step.Begin();
    }

    /// <inheritdoc/>
    public Span<float> Collect()
    {
        _step.End();
        return _logits.AsSpan(0, _numLogits * _config.VocabularySize);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    // Grown when needed: the most that could be, for a real vocabulary, is more than hundreds of these have together.
    private Span<float> Rows(int count)
    {
        int width = _config.VocabularySize;
        if (_logits.Length < checked(count * width))
        {
            int numRows = Math.Max(count, Math.Min(2 * (_logits.Length / width), _limits!.MaxLogitRows));
            _logits = new float[checked(numRows * width)];
        }

        return _logits.AsSpan(0, count * width);
    }

    private void Write(StepBatch batch, int sequence)
    {
        int start = batch.RowStarts[sequence];
        int end = batch.RowStarts[sequence + 1];
        if (start >= end || end > batch.NumTokens)
        {
            throw Malformed($"sequence {sequence} owns rows {start} to {end} of {batch.NumTokens}");
        }

        for (int row = start; row < end; row++)
        {
            int position = batch.Positions[row];
            if (row > start && position != batch.Positions[row - 1] + 1)
            {
                throw Malformed($"position {position} in row {row} does not follow {batch.Positions[row - 1]}");
            }

            // Rows of two sequences in one block would overwrite each other's keys.
            int cell = CellIndex(batch, sequence, position);
            ref int writer = ref _writers[cell / batch.Limits.BlockSize];
            if (writer != 0 && writer != sequence + 1)
            {
                throw Malformed($"sequences {writer - 1} and {sequence} both write to block {cell / batch.Limits.BlockSize}");
            }

            writer = sequence + 1;
            int before = position == 0 ? -1 : CellIndex(batch, sequence, position - 1);
            ulong previous = position == 0 ? 0 : _cells[before];
            if (position > 0 && previous == 0)
            {
                throw Malformed($"position {position - 1} of sequence {sequence} was never written");
            }

            _cells[cell] = MockModel.Cell(previous, batch.TokenIds[row]);
            if (_config.KeepSums)
            {
                _sums[cell] = MockModel.Attend(position == 0 ? 0 : _sums[before], _cells[cell]);
                if (position % batch.Limits.BlockSize == 0)
                {
                    _parents[cell / batch.Limits.BlockSize] = previous;
                }
            }
        }
    }

    private void Project(ulong sum, Span<float> row)
    {
        if (_config.Tokens.IsEmpty)
        {
            MockModel.Project(sum, row);
        }
        else
        {
            MockModel.Project(sum, _config.Tokens.Span, row);
        }
    }

    // A cell is a hash of everything before it, so blocks that follow one another by it hold the whole context.
    private ulong KeptSum(StepBatch batch, int sequence, int position)
    {
        int blockSize = batch.Limits.BlockSize;
        for (int first = blockSize; first <= position; first += blockSize)
        {
            int block = CellIndex(batch, sequence, first) / blockSize;
            int before = CellIndex(batch, sequence, first - 1);
            if (_parents[block] != _cells[before])
            {
                throw Malformed($"block {block} at position {first} of sequence {sequence} does not continue block {before / blockSize}");
            }
        }

        return _sums[CellIndex(batch, sequence, position)];
    }

    private ulong Attended(StepBatch batch, int sequence, int position)
    {
        ulong sum = 0;
        for (int i = 0; i <= position; i++)
        {
            sum = MockModel.Attend(sum, _cells[CellIndex(batch, sequence, i)]);
        }

        return sum;
    }

    private int CellIndex(StepBatch batch, int sequence, int position)
    {
        StepLimits limits = _limits ?? throw new InvalidOperationException("The runner must be prepared first.");
        int block = batch.BlockTables[(batch.Slots[sequence] * limits.MaxBlocksPerSequence) + (position / limits.BlockSize)];
        return (block * limits.BlockSize) + (position % limits.BlockSize);
    }

    private static InvalidOperationException Malformed(string fault) => new($"Malformed step: {fault}.");
}
