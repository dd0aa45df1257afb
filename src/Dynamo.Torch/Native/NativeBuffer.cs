using System.Runtime.InteropServices;

namespace Dynamo.Torch.Native;

/// <summary>Memory outside the managed heap, aligned to a cache line, freed once.</summary>
/// <typeparam name="T">Element.</typeparam>
internal sealed unsafe class NativeBuffer<T> : IDisposable
    where T : unmanaged
{
    private T* _pointer;

    /// <summary>Allocates.</summary>
    /// <param name="length">Elements.</param>
    /// <param name="zeroed">Whether the content must be zero rather than anything.</param>
    /// <exception cref="OutOfMemoryException">The message gives the size.</exception>
    public NativeBuffer(long length, bool zeroed = false)
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

        if (zeroed)
        {
            NativeMemory.Clear(_pointer, (nuint)bytes);
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
