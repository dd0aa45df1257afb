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

    /// <summary>All bytes.</summary>
    /// <exception cref="OverflowException">More than 2 GiB; slice by <see cref="Data"/> instead.</exception>
    public ReadOnlySpan<byte> Bytes => new(_data, checked((int)ByteLength));

    /// <summary>All elements as a managed array, whatever the alignment. For small tensors such as golden answers.</summary>
    /// <typeparam name="T">The element; its size must be that of <see cref="DType"/>.</typeparam>
    /// <exception cref="InvalidOperationException">The element sizes differ.</exception>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        if (sizeof(T) != DType.Size())
        {
            throw new InvalidOperationException($"{Name} holds {DType} elements of {DType.Size()} bytes, not {typeof(T).Name} of {sizeof(T)}");
        }

        T[] elements = new T[checked((int)NumElements)];
        Bytes.CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(elements.AsSpan()));
        return elements;
    }
}
