using System.Runtime.InteropServices;

namespace Dynamo.Torch.Native;

/// <summary>Memory outside the managed heap, aligned to a cache line, freed once.</summary>
/// <typeparam name="T">Element.</typeparam>
internal sealed unsafe class NativeBuffer<T> : IDisposable
    where T : unmanaged
{
    private T* _pointer;

    /// <summary>Allocates; the content is anything. Pages that are never written take no memory.</summary>
    /// <param name="length">Elements.</param>
    /// <exception cref="OutOfMemoryException">The message gives the size.</exception>
    public NativeBuffer(long length)
    {
        Length = length;
        ulong bytes = checked((ulong)Math.Max(length, 1) * (ulong)sizeof(T));
        try
        {
            _pointer = (T*)NativeMemory.AlignedAlloc(checked((nuint)bytes), 64);
        }
        catch (OutOfMemoryException e)
        {
            throw new OutOfMemoryException($"{bytes >> 20} MiB of native memory cannot be had.", e);
        }
    }

    /// <summary>Elements.</summary>
    public long Length { get; }

    /// <summary>The first element.</summary>
    public T* Pointer => _pointer is not null ? _pointer : throw new ObjectDisposedException(nameof(NativeBuffer<T>));

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
    }
}
