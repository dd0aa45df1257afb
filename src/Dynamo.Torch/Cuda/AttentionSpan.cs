using Dynamo.Engine.Execution;
using static TorchSharp.torch;

namespace Dynamo.Torch.Cuda;

/// <summary>What the rows of one sequence attend to in one step: the same in all layers that have the same window.</summary>
/// <param name="FirstRow">First row of the sequence in the batch.</param>
/// <param name="NumRows">Rows of the sequence in the batch.</param>
/// <param name="FirstKey">Position of the first key; positions before it are outside every row's window.</param>
/// <param name="Slots">Cache slot of each key from FirstKey to the last row's position, int64 [keys].</param>
/// <param name="RowPositions">Position of each row, int64 [rows, 1].</param>
/// <param name="Window">Positions that a row attends to, itself included; <see langword="null"/> for all.</param>
internal sealed record AttentionSpan(int FirstRow, int NumRows, int FirstKey, Tensor Slots, Tensor RowPositions, int? Window)
{
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
            long[] slots = new long[firstPosition + numRows - firstKey];
            for (int j = 0; j < slots.Length; j++)
            {
                slots[j] = SlotOf(batch, i, firstKey + j);
            }

            Tensor rowPositions = arange(firstPosition, firstPosition + numRows, ScalarType.Int64, device).unsqueeze(1);
            spans[i] = new AttentionSpan(firstRow, numRows, firstKey, tensor(slots, device: device), rowPositions, window);
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
}
