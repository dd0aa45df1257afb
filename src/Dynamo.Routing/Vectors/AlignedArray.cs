using System.Runtime.CompilerServices;

namespace Dynamo.Routing.Vectors;

/// <summary>An array that begins where a cache line does, so that no vector of it lies in two.</summary>
/// <typeparam name="T">Its elements.</typeparam>
internal readonly unsafe struct AlignedArray<T>
    where T : unmanaged
{
    private const int LineBytes = 64;

    private readonly T[] _array;
    private readonly int _start;

    /// <summary>All zero.</summary>
    public AlignedArray(int length)
    {
        Length = length;
        _array = GC.AllocateArray<T>(length + (LineBytes / sizeof(T)), pinned: true);
        nuint offset = (nuint)Unsafe.AsPointer(ref _array[0]) % LineBytes;
        _start = (int)((LineBytes - offset) % LineBytes) / sizeof(T);
    }

    /// <summary>Elements.</summary>
    public int Length { get; }

    /// <summary>All of it.</summary>
    public Span<T> Span => _array.AsSpan(_start, Length);
}
