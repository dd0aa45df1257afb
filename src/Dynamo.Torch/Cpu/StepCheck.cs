using System.Runtime.InteropServices;
using Dynamo.Engine.Execution;
using Dynamo.Torch.Configuration;
using Dynamo.Torch.Native;

namespace Dynamo.Torch.Cpu;

/// <summary>
/// Runs whole steps before anyone waits for them, over all layers and the cache, and compares each row's residual stream with that of one long
/// prefill: prompts of every length that serving begins with, then the same tokens one by one, then several sequences together.
/// </summary>
/// <remarks>
/// This is the warm-up as well: kernels are compiled, and oneDNN builds its code for each number of rows (some 0.4 ms for each shape of linear
/// layer, measured).
/// </remarks>
/// <typeparam name="TActivation">Element of activations.</typeparam>
/// <typeparam name="T">Element of weights and cache.</typeparam>
internal sealed unsafe class StepCheck<TActivation, T> : IDisposable
    where TActivation : unmanaged
    where T : unmanaged
{
    private const int MaxRows = 64;

    // Tokens that are computed one by one after the others.
    private const int NumAlone = 8;

    private readonly CpuStep<TActivation, T> _step;
    private readonly StepBatch _batch;
    private readonly int _length;
    private readonly int _blockLength;
    private readonly int _numSequences;
    private readonly int[] _tokens;
    private readonly NativeBuffer<float> _expected;
    private readonly int _hidden;

    /// <summary>Prepares; the check uses the cache's first blocks, whose content does not matter yet.</summary>
    public StepCheck(CpuStep<TActivation, T> step, StepLimits limits, int numBlocks, ModelConfig config)
    {
        _step = step;
        _batch = new StepBatch(limits);
        _length = Math.Min(Math.Min(MaxRows, limits.MaxBatchedTokens), Math.Min(limits.MaxModelLength, numBlocks * limits.BlockSize));
        _blockLength = (_length + limits.BlockSize - 1) / limits.BlockSize;
        _numSequences = Math.Min(3, Math.Min(limits.MaxNumSequences, numBlocks / _blockLength));
        _hidden = config.HiddenSize;
        _expected = new NativeBuffer<float>((long)_length * _hidden);
        Random random = new(1);
        _tokens = new int[_length];
        for (int i = 0; i < _length; i++)
        {
            _tokens[i] = random.Next(config.VocabularySize);
        }

        for (int sequence = 0; sequence < _numSequences; sequence++)
        {
            _batch.Slots[sequence] = sequence;
            for (int i = 0; i < _blockLength; i++)
            {
                _batch.BlockTables[(sequence * limits.MaxBlocksPerSequence) + i] = (sequence * _blockLength) + i;
            }
        }
    }

    /// <summary>Runs the steps.</summary>
    /// <returns>Whether every row's bits were those of the long prefill.</returns>
    public bool Run()
    {
        Execute([(0, _length)]);
        new Span<float>(_step.Residual(0), checked((int)_expected.Length)).CopyTo(new Span<float>(_expected.Pointer, (int)_expected.Length));
        bool isExact = true;
        for (int numRows = 1; numRows < _length; numRows = numRows < 16 ? numRows + 1 : numRows * 2)
        {
            isExact &= Agrees([(0, numRows)]);
        }

        int alone = Math.Max(0, _length - NumAlone);
        isExact &= alone == 0 || Agrees([(0, alone)]);
        for (int position = alone; position < _length; position++)
        {
            isExact &= Agrees([(position, 1)]);
        }

        return isExact & Together();
    }

    /// <inheritdoc/>
    public void Dispose() => _expected.Dispose();

    // As in serving: one sequence decodes, one goes on with its prompt, one begins.
    private bool Together()
    {
        if (_numSequences < 3 || _length < 16)
        {
            return true;
        }

        int middle = _length / 4;
        bool isExact = Agrees([(0, middle), (0, middle)]);
        return isExact & Agrees([(middle, 1), (middle, middle), (0, middle - 1)]);
    }

    // Sequence i computes runs[i]. All have the same tokens, so a row's bits depend on its position alone.
    private bool Agrees(ReadOnlySpan<(int Start, int Count)> runs)
    {
        Execute(runs);
        bool isEqual = true;
        int row = 0;
        foreach ((int start, int count) in runs)
        {
            ReadOnlySpan<float> expected = new(_expected.Pointer + ((long)start * _hidden), count * _hidden);
            isEqual &= MemoryMarshal.AsBytes(expected)
                .SequenceEqual(MemoryMarshal.AsBytes(new ReadOnlySpan<float>(_step.Residual(row), count * _hidden)));
            row += count;
        }

        return isEqual;
    }

    private void Execute(ReadOnlySpan<(int Start, int Count)> runs)
    {
        int row = 0;
        for (int sequence = 0; sequence < runs.Length; sequence++)
        {
            (int start, int count) = runs[sequence];
            for (int i = 0; i < count; i++, row++)
            {
                _batch.TokenIds[row] = _tokens[start + i];
                _batch.Positions[row] = start + i;
            }

            _batch.RowStarts[sequence + 1] = row;
        }

        _batch.NumSequences = runs.Length;
        _batch.NumTokens = row;
        _batch.NumLogits = 1;
        _batch.LogitRows[0] = row - 1;
        _step.Execute(_batch);
    }
}
