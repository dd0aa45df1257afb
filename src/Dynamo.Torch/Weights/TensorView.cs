using Dynamo.Torch.Configuration;

namespace Dynamo.Torch.Weights;

/// <summary>A tensor where it lies in a mapped file: row-major, little-endian, read-only. Valid until the file is disposed.</summary>
/// <remarks>The format does not align tensors: read with unaligned loads, or copy.</remarks>
public readonly unsafe struct TensorView
{
    private readonly long[] _shape;
    private readonly byte* _data;

    internal TensorView(string name, TensorDType dtype, long[] shape, byte* data, long byteLength)
    {
        Name = name;
        DType = dtype;
        _shape = shape;
        _data = data;
        ByteLength = byteLength;
    }

    /// <summary>Name in the checkpoint, for example <c>model.norm.weight</c>.</summary>
    public string Name { get; }

    /// <summary>Element type.</summary>
    public TensorDType DType { get; }

    /// <summary>Extent of each dimension; empty for a scalar.</summary>
    public ReadOnlySpan<long> Shape => _shape;

    /// <summary>Address of the first element. Pages are read from disk on first touch.</summary>
    public void* Data => _data;

    /// <summary>Bytes of all elements.</summary>
    public long ByteLength { get; }

    /// <summary>Number of elements.</summary>
    public long NumElements => ByteLength / DType.Size();

    /// <summary>Copies elements, whatever their alignment in the file.</summary>
    /// <typeparam name="T">The element; its size must be that of <see cref="DType"/>.</typeparam>
    /// <param name="start">First element, counted row-major.</param>
    /// <param name="target">As many elements as are wanted.</param>
    /// <exception cref="InvalidOperationException">The element sizes differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The tensor has no such elements.</exception>
    public void CopyTo<T>(long start, Span<T> target)
        where T : unmanaged
    {
        if (sizeof(T) != DType.Size())
        {
            throw new InvalidOperationException($"{Name} holds {DType} elements of {DType.Size()} bytes, not {typeof(T).Name} of {sizeof(T)}");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(target.Length, NumElements - start, nameof(target));
        fixed (T* copy = target)
        {
            long bytes = (long)target.Length * sizeof(T);
            Buffer.MemoryCopy(_data + (start * sizeof(T)), copy, bytes, bytes);
        }
    }

    /// <summary>All elements as a managed array. For small tensors such as golden answers.</summary>
    /// <typeparam name="T">The element; its size must be that of <see cref="DType"/>.</typeparam>
    /// <exception cref="InvalidOperationException">The element sizes differ.</exception>
    /// <exception cref="OverflowException">More elements than an array holds.</exception>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        T[] elements = new T[checked((int)NumElements)];
        CopyTo<T>(0, elements);
        return elements;
    }
}
