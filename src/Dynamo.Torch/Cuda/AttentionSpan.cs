using Dynamo.Engine.Execution;
using static TorchSharp.torch;

namespace Dynamo.Torch.Cuda;

/// <summary>What the rows of one sequence attend to in one step: the same in all layers that have the same window.</summary>
/// <param name="FirstRow">First row of the sequence in the batch.</param>
/// <param name="NumRows">Rows of the sequence in the batch.</param>
/// <param name="Slots">Cache slot of each key that any row attends to, int64 [keys].</param>
/// <param name="KeyPositions">Position of each key, int64 [1, keys].</param>
/// <param name="LastKeys">Position of the last key that a row attends to, its own; int64 [rows, 1].</param>
/// <param name="FirstKeys">Position of the first one when there is a window, int64 [rows, 1].</param>
internal sealed record AttentionSpan(int FirstRow, int NumRows, Tensor Slots, Tensor KeyPositions, Tensor LastKeys, Tensor? FirstKeys)
{
    /// <summary>All tensors.</summary>
    public IEnumerable<Tensor> Tensors => FirstKeys is null ? [Slots, KeyPositions, LastKeys] : [Slots, KeyPositions, LastKeys, FirstKeys];

    /// <summary>Plans every sequence of a batch. Tensors belong to the caller's dispose scope.</summary>
    public static AttentionSpan[] Plan(StepBatch batch, int? window, Device device)
    {
        AttentionSpan[] spans = new AttentionSpan[batch.NumSequences];
        for (int i = 0; i < spans.Length; i++)
        {
            int firstRow = batch.RowStarts[i];
            int numRows = batch.RowStarts[i + 1] - firstRow;
            int firstPosition = batch.Positions[firstRow];
            int firstKey = window is { } size ? Math.Max(0, firstPosition - size + 1) : 0;
            long[] keys = Range(firstKey, firstPosition + numRows - firstKey);
            long[] rows = Range(firstPosition, numRows);
            spans[i] = new AttentionSpan(
                firstRow,
                numRows,
                tensor(Array.ConvertAll(keys, key => SlotOf(batch, i, (int)key)), device: device),
                tensor(keys, device: device).unsqueeze(0),
                tensor(rows, device: device).unsqueeze(1),
                window is { } length ? tensor(Array.ConvertAll(rows, row => row - length + 1), device: device).unsqueeze(1) : null);
        }

        return spans;
    }

    /// <summary>Cache slot of a position of sequence <paramref name="sequence"/> of the batch.</summary>
    public static long SlotOf(StepBatch batch, int sequence, int position)
    {
        StepLimits limits = batch.Limits;
        int entry = (batch.Slots[sequence] * limits.MaxBlocksPerSequence) + (position / limits.BlockSize);
        return ((long)batch.BlockTables[entry] * limits.BlockSize) + (position % limits.BlockSize);
    }

    private static long[] Range(int first, int count)
    {
        long[] values = new long[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = first + i;
        }

        return values;
    }
}
