using System.Runtime.CompilerServices;

namespace Dynamo.Torch.Kernels;

/// <summary>One KV head of one sequence in one layer of the paged cache. Block layout: [2 (keys, values), KV heads, block size, padded head size].</summary>
/// <typeparam name="T">Element of the cache.</typeparam>
internal unsafe struct KVHead<T>
    where T : unmanaged
{
    /// <summary>Keys of this head in block 0 of this layer.</summary>
    public T* Keys;

    /// <summary>Values of this head in block 0 of this layer.</summary>
    public T* Values;

    /// <summary>Block ids of the sequence.</summary>
    public int* BlockTable;

    /// <summary>Elements from one block to the next.</summary>
    public long BlockStride;

    /// <summary>Elements from one position to the next: the padded head size.</summary>
    public int RowStride;

    /// <summary>Base-2 logarithm of the block size.</summary>
    public int BlockShift;

    /// <summary>Head size, not padded.</summary>
    public int HeadSize;

    /// <summary>How many positions a query sees, its own included; 0 for all.</summary>
    public int Window;

    /// <summary>First position that a query at <paramref name="position"/> sees.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int FirstVisible(int position) => Window == 0 ? 0 : Math.Max(0, position - Window + 1);

    /// <summary>End of the block that holds <paramref name="position"/>, at most one past <paramref name="last"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly int EndOfBlock(int position, int last) => Math.Min(((position >> BlockShift) + 1) << BlockShift, last + 1);

    /// <summary>Key of a position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly T* Key(int position) => Keys + Offset(position);

    /// <summary>Value of a position.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly T* Value(int position) => Values + Offset(position);

    /// <summary>Writes zeros behind the head size in a row of the cache.</summary>
    public readonly void ClearPadding(T* row) => new Span<T>(row + HeadSize, RowStride - HeadSize).Clear();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly long Offset(int position)
    {
        int inBlock = position & ((1 << BlockShift) - 1);
        return (BlockTable[position >> BlockShift] * BlockStride) + ((long)inBlock * RowStride);
    }
}
