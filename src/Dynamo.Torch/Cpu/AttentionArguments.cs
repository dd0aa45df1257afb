using Dynamo.Torch.Kernels;

namespace Dynamo.Torch.Cpu;

/// <summary>What the kernels of one layer's attention work on.</summary>
/// <typeparam name="TActivation">Element of activations.</typeparam>
/// <typeparam name="T">Element of the cache.</typeparam>
internal unsafe struct AttentionArguments<TActivation, T>
    where TActivation : unmanaged
    where T : unmanaged
{
    /// <summary>Rows of query, key and value heads as the projections gave them.</summary>
    public TActivation* Qkv;

    /// <summary>Rows of attended heads, [query heads, head size].</summary>
    public TActivation* Target;

    /// <summary>Rows of rotated queries, float32 [query heads, padded head size].</summary>
    public float* Queries;

    /// <summary>See <see cref="HeadStore{TActivation, T}.QueryOrder"/>.</summary>
    public int* QueryOrder;

    /// <summary>Position of each row.</summary>
    public int* Positions;

    /// <summary>Sequence of each row.</summary>
    public int* SequenceOfRow;

    /// <summary>Block ids, [slots, <see cref="MaxBlocksPerSequence"/>].</summary>
    public int* BlockTables;

    /// <summary>Slot of each sequence.</summary>
    public int* Slots;

    /// <summary>Rows of each task.</summary>
    public RowRange* Ranges;

    public int MaxBlocksPerSequence;
    public int NumHeads;
    public int NumKVHeads;
    public int HeadSize;

    /// <summary>Norm of query heads, halves expanded, or null.</summary>
    public float* QueryNorm;

    /// <summary>Norm of key heads, halves expanded, or null.</summary>
    public float* KeyNorm;

    public float Epsilon;

    /// <summary>Cosines of position 0; those of position p lie p half heads behind.</summary>
    public float* Cos;

    /// <summary>As <see cref="Cos"/>.</summary>
    public float* Sin;

    /// <summary>KV head 0 of the layer, of no sequence.</summary>
    public KVHead<T> Head;

    /// <summary>Elements from one KV head to the next.</summary>
    public long HeadStride;

    /// <summary>Scratch of all workers.</summary>
    public float* Scratch;

    /// <summary>Floats of scratch of one worker.</summary>
    public long ScratchLength;

    /// <summary>Elements of a row of <see cref="Qkv"/>.</summary>
    public readonly long RowLength => (NumHeads + (2L * NumKVHeads)) * HeadSize;

    /// <summary>A KV head of a sequence of the step.</summary>
    public readonly KVHead<T> HeadOf(int sequence, int head)
    {
        KVHead<T> cache = Head;
        cache.BlockTable = BlockTables + ((long)Slots[sequence] * MaxBlocksPerSequence);
        cache.Keys += head * HeadStride;
        cache.Values += head * HeadStride;
        return cache;
    }
}
