namespace Dynamo.Engine.Execution;

/// <summary>
/// What one step computes, laid out for kernels. Rows are tokens; each sequence of the step owns a contiguous run of rows. One
/// instance is reused for every step; its arrays are pinned and never grow, so a step allocates nothing.
/// </summary>
/// <remarks>Written by whoever plans, read by the runner within <see cref="IModelRunner.Launch"/> and never after it; both on one thread.</remarks>
public sealed class StepBatch
{
    /// <summary>Creates a batch with room for the given limits.</summary>
    /// <param name="limits">Limits that the engine was started with.</param>
    public StepBatch(StepLimits limits)
    {
        Limits = limits;
        TokenIds = Pinned(limits.MaxBatchedTokens);
        Positions = Pinned(limits.MaxBatchedTokens);
        RowStarts = Pinned(limits.MaxNumSequences + 1);
        Slots = Pinned(limits.MaxNumSequences);
        LogitRows = Pinned(limits.MaxLogitRows);
        BlockTables = Pinned(checked(limits.MaxNumSequences * limits.MaxBlocksPerSequence));
    }

    /// <summary>The limits of every step.</summary>
    public StepLimits Limits { get; }

    /// <summary>Sequences of this step.</summary>
    public int NumSequences { get; set; }

    /// <summary>Rows of this step: tokens computed over all sequences.</summary>
    public int NumTokens { get; set; }

    /// <summary>Rows whose logits are wanted.</summary>
    public int NumLogits { get; set; }

    /// <summary>Token ids, [MaxBatchedTokens], the first <see cref="NumTokens"/> in use.</summary>
    public int[] TokenIds { get; }

    /// <summary>
    /// Position of each row's token in its sequence, from 0. Within a sequence consecutive; everything before the first is already in the
    /// cache, so a row at position p attends to positions 0..p.
    /// </summary>
    public int[] Positions { get; }

    /// <summary>Sequence i owns rows RowStarts[i] to RowStarts[i + 1], exclusive; [MaxNumSequences + 1].</summary>
    public int[] RowStarts { get; }

    /// <summary>Row of <see cref="BlockTables"/> that sequence i uses; stays the same from admission to the end; [MaxNumSequences].</summary>
    public int[] Slots { get; }

    /// <summary>Rows whose logits are wanted, ascending; result row j belongs to LogitRows[j]; [MaxLogitRows].</summary>
    public int[] LogitRows { get; }

    /// <summary>Block ids of every slot, [MaxNumSequences, MaxBlocksPerSequence] row-major; position p lies in entry p / BlockSize.</summary>
    public int[] BlockTables { get; }

    private static int[] Pinned(int length) => GC.AllocateArray<int>(length, pinned: true);
}
