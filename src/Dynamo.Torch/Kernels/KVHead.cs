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

    /// <summary>Factor of the scores.</summary>
    public float Scale;

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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly long Offset(int position)
    {
        int inBlock = position & ((1 << BlockShift) - 1);
        return (BlockTable[position >> BlockShift] * BlockStride) + ((long)inBlock * RowStride);
    }
}

/// <summary>Up to four query vectors that share a KV head of a sequence.</summary>
/// <typeparam name="T">Element of queries and outputs.</typeparam>
internal unsafe struct QueryTile<T>
    where T : unmanaged
{
    /// <summary>Vectors in use.</summary>
    public int Count;

    /// <summary>Rotated queries, each [head size].</summary>
    public Pointers Queries;

    /// <summary>Where the results go, each [head size].</summary>
    public Pointers Outputs;

    /// <summary>Position of each query in its sequence.</summary>
    public fixed int Positions[PagedAttention<Numerics.Bf16>.TileSize];

    /// <summary>Four pointers.</summary>
    internal struct Pointers
    {
        private T* _p0;
        private T* _p1;
        private T* _p2;
        private T* _p3;

        /// <summary>One of them.</summary>
        public T* this[int index]
        {
            readonly get => index switch { 0 => _p0, 1 => _p1, 2 => _p2, _ => _p3 };
            set
            {
                switch (index)
                {
                    case 0: _p0 = value; break;
                    case 1: _p1 = value; break;
                    case 2: _p2 = value; break;
                    default: _p3 = value; break;
                }
            }
        }
    }
}
