namespace Dynamo.Torch.Kernels;

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
