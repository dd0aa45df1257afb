using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Dynamo.Routing.Prefixes;

/// <summary>
/// A vector of equal records in native memory: an index is four bytes, the collector has nothing to look at. It grows by pages, so only a first
/// page that is still small ever moves; it shrinks at its end. A new record's bytes are undefined. Not thread-safe.
/// </summary>
/// <remarks>Debug builds refuse records that are not there, and spoil those that come and go: whoever reads one too early or too late gets nonsense.</remarks>
internal sealed unsafe class Arena
{
    private const int PageBytes = 256 << 10;
    private const int FirstPageBytes = 512;
    private const byte Spoilt = 0xDB;

    private readonly int _stride;
    private readonly int _shift;
    private readonly uint _mask;
    private byte*[] _pages = new byte*[1];
    private int _numPages;
    private uint _firstCapacity;

    /// <summary>No records.</summary>
    /// <param name="stride">Bytes of a record, a multiple of its alignment.</param>
    public Arena(int stride)
    {
        _stride = stride;
        _shift = BitOperations.Log2((uint)Math.Max(PageBytes / stride, 1));
        _mask = (1u << _shift) - 1;
    }

    ~Arena()
    {
        for (int i = 0; i < _numPages; i++)
        {
            NativeMemory.Free(_pages[i]);
        }
    }

    /// <summary>Records.</summary>
    public uint Count { get; private set; }

    /// <summary>Bytes taken from the operating system.</summary>
    public long NumBytes => _numPages == 0 ? 0 : ((((long)_numPages - 1) << _shift) + _firstCapacity) * _stride;

    /// <summary>Where a record is, until the next <see cref="Push"/> or <see cref="Pop"/>.</summary>
    public byte* this[uint index]
    {
        get
        {
            Debug.Assert(index < Count, "There is no such record.");
            Debug.Assert(index >> _shift < _numPages && (index > _mask || index < _firstCapacity), "There is no room for the record.");
            return _pages[index >> _shift] + ((nuint)(index & _mask) * (nuint)_stride);
        }
    }

    /// <summary>Adds a record at the end.</summary>
    public uint Push()
    {
        uint index = Count;
        uint page = index >> _shift;
        if (page >= _numPages)
        {
            AddPage();
        }
        else if (page == 0 && index >= _firstCapacity)
        {
            uint capacity = Math.Min(2 * _firstCapacity, _mask + 1);
            _pages[0] = (byte*)NativeMemory.Realloc(_pages[0], capacity * (nuint)_stride);
            _firstCapacity = capacity;
        }

        Count = index + 1;
        Spoil(index);
        return index;
    }

    /// <summary>Removes the last record. One empty page is kept, so that a count at its border does not take and give it each time.</summary>
    public void Pop()
    {
        Spoil(Count - 1);
        uint needed = (--Count + _mask) >> _shift;
        if (_numPages > needed + 1 && _numPages > 1)
        {
            NativeMemory.Free(_pages[--_numPages]);
        }
    }

    [Conditional("DEBUG")]
    private void Spoil(uint index) => NativeMemory.Fill(this[index], (nuint)_stride, Spoilt);

    private void AddPage()
    {
        if (_numPages == _pages.Length)
        {
            byte*[] pages = new byte*[2 * _pages.Length];
            Array.Copy(_pages, pages, _numPages);
            _pages = pages;
        }

        uint capacity = _mask + 1;
        if (_numPages == 0)
        {
            _firstCapacity = capacity = Math.Min((uint)Math.Max(FirstPageBytes / _stride, 1), capacity);
        }

        // It counts once it is there: if there is no memory for it, nothing has changed.
        _pages[_numPages] = (byte*)NativeMemory.Alloc(capacity * (nuint)_stride);
        _numPages++;
    }
}
