using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Dynamo.Routing.Prefixes;

/// <summary>
/// A part of a <see cref="KeyTable"/>: entries in ascending order of their tags, in cache lines (<see cref="EntryLine"/>). A tag belongs to a line that
/// follows from it and the number of lines, in ascending order; what finds its line full goes on to the next, before that line's own entries. So all
/// of it ascends: it is moved in one pass, and one comparison of a line finds a tag, or the place for it. Not thread-safe.
/// </summary>
internal unsafe struct EntryShard
{
    /// <summary>Bits of a tag, the top ones of an entry.</summary>
    public const int TagBits = 26;

    /// <summary>Bits below the tag.</summary>
    public const int TagShift = 64 - TagBits;

    // From here on shards differ in size, so that they do not all grow at the same number of blocks.
    private const uint FirstUnequal = 18;
    private const uint NumUnequal = 4;

    private ulong* _entries;
    private uint _numLines;
    private uint _count;

    // Lines behind the last one that its entries can go on to, without the closing line.
    private uint _numSpare;

    /// <summary>Bytes taken from the operating system.</summary>
    public readonly long NumBytes => _numLines == 0 ? 0 : ((long)_numLines + _numSpare + 1) * EntryLine.Length * sizeof(ulong);

    /// <summary>Whether there is no room at all yet.</summary>
    public readonly bool IsEmpty => _numLines == 0;

    // It stays empty, so whatever goes from line to line ends there at the latest.
    private readonly ulong* ClosingLine => _entries + ((_numLines + _numSpare) * (nuint)EntryLine.Length);

    /// <summary>The line that a tag belongs to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong* LineOf(uint tag) => _entries + ((((ulong)tag * _numLines) >> TagBits) * EntryLine.Length);

    /// <summary>Where the first entry of a tag is or belongs; others of this tag follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ulong* FirstOf(uint tag)
    {
        ulong* line = LineOf(tag);
        int below;
        while ((below = EntryLine.CountBelow(line, (ulong)tag << TagShift)) == EntryLine.Length)
        {
            Debug.Assert(line < ClosingLine, "The closing line has entries.");
            line += EntryLine.Length;
        }

        return line + below;
    }

    /// <summary>Makes room for one more entry; places found before are void if it takes any.</summary>
    /// <param name="number">The shard's number.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Reserve(uint number)
    {
        if (4 * (_count + 1) > 3 * EntryLine.Length * _numLines)
        {
            Grow(number);
        }
    }

    /// <summary>Inserts an entry where its tag belongs; there is room.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Insert(ulong* place, ulong entry)
    {
        int inLine = (int)(place - _entries) & (EntryLine.Length - 1);
        ulong* line = place - inLine;
        if ((line[EntryLine.Length - 1] != EntryLine.Empty) | (line == ClosingLine))
        {
            line = PushOn(line);
        }

        Debug.Assert(line >= _entries && line < ClosingLine, "The shard has no such line.");
        EntryLine.Insert(line, inLine, entry);
        _count++;
    }

    /// <summary>Removes the entry at a place; shrinks when less than half is in use.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Remove(ulong* place)
    {
        int inLine = (int)(place - _entries) & (EntryLine.Length - 1);
        ulong* line = place - inLine;
        Debug.Assert(line >= _entries && line < ClosingLine && *place != EntryLine.Empty, "There is no entry.");
        while (line[EntryLine.Length - 1] != EntryLine.Empty)
        {
            // What is in the next line but belongs before it went on from this one, which is full then; the first of those comes back.
            ulong* next = line + EntryLine.Length;
            if (!((*next != EntryLine.Empty) & (LineOf((uint)(*next >> TagShift)) < next)))
            {
                break;
            }

            EntryLine.Remove(line, inLine, *next);
            line = next;
            inLine = 0;
        }

        EntryLine.Remove(line, inLine, EntryLine.Empty);
        if (2 * --_count < EntryLine.Length * _numLines && _numLines > 2)
        {
            Allocate((_count * 3 / 2 / EntryLine.Length) + 1, 1);
        }
    }

    /// <summary>Whether all entries ascend, none is before its line or behind it without need, and the closing line is empty; for checks.</summary>
    public readonly bool IsSound()
    {
        long places = NumBytes / sizeof(ulong);
        uint count = 0;
        ulong* free = _entries;
        ulong before = 0;
        for (long i = 0; i < places; i++)
        {
            if (_entries[i] == EntryLine.Empty)
            {
                continue;
            }

            ulong tag = _entries[i] >> TagShift;
            ulong* line = LineOf((uint)tag);
            ulong* wanted = line > free ? line : free;
            if (tag < before || _entries + i != wanted || wanted >= ClosingLine)
            {
                return false;
            }

            before = tag;
            free = wanted + 1;
            count++;
        }

        return count == _count;
    }

    /// <summary>Gives everything back.</summary>
    public readonly void Free() => NativeMemory.AlignedFree(_entries);

    private void Grow(uint number)
    {
        uint larger = Math.Max(_numLines + 1, _numLines + (_numLines / 4));
        Allocate(_numLines < FirstUnequal && larger >= FirstUnequal ? FirstUnequal + (number % NumUnequal) : larger, 1);
    }

    // Makes room in a full line: its last entry goes on to the next one, and so on. Returns where the line is then.
    private ulong* PushOn(ulong* line)
    {
        ulong* end = line;
        while (end[EntryLine.Length - 1] != EntryLine.Empty)
        {
            Debug.Assert(end < ClosingLine, "The closing line has entries.");
            end += EntryLine.Length;
        }

        nint index = (nint)(line - _entries);
        nint last = (nint)(end - _entries);
        if (end == ClosingLine)
        {
            Allocate(_numLines, 2 * _numSpare);
        }

        Debug.Assert(_entries + last < ClosingLine, "The closing line gets an entry.");
        for (; last > index; last -= EntryLine.Length)
        {
            EntryLine.Insert(_entries + last, 0, _entries[last - 1]);
        }

        return _entries + index;
    }

    // Moves all entries, in order; more spare lines are taken until all fit. If there is no memory for them, nothing has changed.
    private void Allocate(uint numLines, uint numSpare)
    {
        EntryShard other = new() { _numLines = numLines, _numSpare = numSpare, _count = _count };
        while (true)
        {
            nuint length = (nuint)other.NumBytes;
            other._entries = (ulong*)NativeMemory.AlignedAlloc(length, EntryLine.Length * sizeof(ulong));
            NativeMemory.Fill(other._entries, length, 0xFF);
            if (other.TryCopy(_entries, NumBytes / sizeof(ulong)))
            {
                break;
            }

            other.Free();
            other._numSpare *= 2;
        }

        Free();
        this = other;
    }

    private readonly bool TryCopy(ulong* from, long count)
    {
        ulong* next = _entries;
        ulong* end = ClosingLine;
        for (long i = 0; i < count; i++)
        {
            if (from[i] != EntryLine.Empty)
            {
                ulong* line = LineOf((uint)(from[i] >> TagShift));
                next = line > next ? line : next;
                if (next == end)
                {
                    return false;
                }

                *next++ = from[i];
            }
        }

        return true;
    }
}
