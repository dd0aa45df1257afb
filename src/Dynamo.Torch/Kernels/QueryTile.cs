namespace Dynamo.Torch.Kernels;

/// <summary>Up to four query vectors that share a KV head of a sequence.</summary>
/// <typeparam name="TActivation">Element of outputs.</typeparam>
internal unsafe struct QueryTile<TActivation>
    where TActivation : unmanaged
{
    /// <summary>Query vectors of a full tile.</summary>
    public const int Size = 4;

    /// <summary>Vectors in use.</summary>
    public int Count;

    /// <summary>Position of each query in its sequence.</summary>
    public fixed int Positions[Size];

    private fixed long _queries[Size];
    private fixed long _outputs[Size];

    /// <summary>A query: rotated, scaled, float32 in the order of the cache, [padded head size].</summary>
    public readonly float* Query(int index) => (float*)_queries[index];

    /// <summary>Where a result goes, [head size].</summary>
    public readonly TActivation* Output(int index) => (TActivation*)_outputs[index];

    /// <summary>Sets one vector.</summary>
    public void Set(int index, int position, float* query, TActivation* output)
    {
        Positions[index] = position;
        _queries[index] = (long)query;
        _outputs[index] = (long)output;
    }
}
