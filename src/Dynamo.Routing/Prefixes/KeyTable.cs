using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Dynamo.Routing.Prefixes;

/// <summary>
/// From a live block's key to its run and position: 8 bytes an entry, the key itself stays in the run. Open addressing without tombstones, loaded
/// between 0.6 and 0.75; a few hundred shards grow and shrink on their own, so that no single operation moves more than its shard. Not thread-safe.
/// </summary>
/// <remarks>
/// An entry is, from the top: 26 bits of the key's hash (its tag), 6 of position, 32 of run. It belongs to a cache line that follows from tag and
/// number of lines, in ascending order. A line's tags ascend (<see cref="EntryLine"/>), and what finds its line full goes on to the
/// next, before that line's own entries. So a whole shard ascends: it is moved in one pass without a look at a key, and one comparison of a line finds a
/// tag, or the place for it. Behind the last line there are some that entries of the last ones can go on to.
/// </remarks>
internal sealed unsafe class KeyTable
{
    private const int ShardBits = 8;
    private const int TagBits = 26;
    private const int TagShift = 64 - TagBits;
    private const uint TagMask = (1u << TagBits) - 1;

    // From here on shards differ in size, so that they do not all grow at the same number of blocks.
    private const uint FirstUnequal = 18;
    private const uint NumUnequal = 4;

    private readonly RunStore _runs;
    private readonly Shard[] _shards = GC.AllocateArray<Shard>(1 << ShardBits, pinned: true);

    /// <summary>No entries.</summary>
    /// <param name="runs">Where entries point.</param>
    public KeyTable(RunStore runs) => _runs = runs;

    ~KeyTable()
    {
        foreach (Shard shard in _shards)
        {
            NativeMemory.AlignedFree(shard.Entries);
        }
    }

    /// <summary>Entries.</summary>
    public long Count { get; private set; }

    /// <summary>Bytes taken from the operating system.</summary>
    public long NumBytes { get; private set; } = (1 << ShardBits) * sizeof(Shard);

    /// <summary>Finds a live block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFind(ulong key, out uint run, out int offset)
    {
        ulong hash = Hash(key);
        ref Shard shard = ref ShardOf(hash);
        if (shard.NumLines != 0)
        {
            uint tag = Tag(hash);
            for (ulong* place = FirstOf(tag, shard); (uint)(*place >> TagShift) == tag; place++)
            {
                (run, offset) = Location(*place);
                if (_runs.HasKey(run, offset, key))
                {
                    return true;
                }
            }
        }

        (run, offset) = (0, 0);
        return false;
    }

    /// <summary>Where a key most likely is, without a look at it; run 0 when it is nowhere.</summary>
    public (uint Run, int Offset) Guess(ulong key)
    {
        ulong hash = Hash(key);
        ref Shard shard = ref ShardOf(hash);
        if (shard.NumLines == 0)
        {
            return (0, 0);
        }

        uint tag = Tag(hash);
        ulong entry = *FirstOf(tag, shard);
        return (uint)(entry >> TagShift) == tag ? Location(entry) : (0, 0);
    }

    /// <summary>Adds consecutive keys of a run up to the first that has an entry, which stays.</summary>
    /// <param name="keys">Where they are written in their run.</param>
    /// <param name="count">How many.</param>
    /// <param name="run">The run.</param>
    /// <param name="offset">Position of the first.</param>
    /// <returns>How many were added.</returns>
    public int Add(ulong* keys, int count, uint run, int offset)
    {
        for (int i = 0; i < count; i++)
        {
            Prefetch(keys[i]);
        }

        int added = 0;
        while (added < count && TryAdd(keys[added], run, offset + added))
        {
            added++;
        }

        return added;
    }

    /// <summary>Removes the entries of some of a run's keys.</summary>
    /// <param name="keys">The run's keys.</param>
    /// <param name="run">The run.</param>
    /// <param name="positions">A bit for each that goes.</param>
    public void Remove(ulong* keys, uint run, ulong positions)
    {
        for (ulong left = positions; left != 0; left &= left - 1)
        {
            Prefetch(keys[BitOperations.TrailingZeroCount(left)]);
        }

        for (ulong left = positions; left != 0; left &= left - 1)
        {
            int position = BitOperations.TrailingZeroCount(left);
            Remove(keys[position], run, position);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryAdd(ulong key, uint run, int offset)
    {
        ulong hash = Hash(key);
        ref Shard shard = ref ShardOf(hash);
        if (4 * (shard.Count + 1) > 3 * EntryLine.Length * shard.NumLines)
        {
            Resize(ref shard, LargerThan(shard.NumLines, (uint)(hash >> (64 - ShardBits))));
        }

        uint tag = Tag(hash);
        ulong* first = FirstOf(tag, shard);
        for (ulong* place = first; (uint)(*place >> TagShift) == tag; place++)
        {
            if (_runs.HasKey((uint)*place, (int)(*place >> 32) & (Run.MaxKeys - 1), key))
            {
                return false;
            }
        }

        int inLine = (int)(first - shard.Entries) & (EntryLine.Length - 1);
        ulong* line = first - inLine;
        if (line[EntryLine.Length - 1] != EntryLine.Empty)
        {
            line = PushOn(ref shard, line);
        }

        EntryLine.Insert(line, inLine, Entry(tag, run, offset));
        shard.Count++;
        Count++;
        return true;
    }

    /// <summary>Notes that a block moved within its run.</summary>
    public void Move(ulong key, uint run, int from, int to)
    {
        ulong hash = Hash(key);
        uint tag = Tag(hash);
        *PlaceOf(Entry(tag, run, from), ShardOf(hash)) = Entry(tag, run, to);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Remove(ulong key, uint run, int offset)
    {
        ulong hash = Hash(key);
        ref Shard shard = ref ShardOf(hash);
        ulong* place = PlaceOf(Entry(Tag(hash), run, offset), shard);
        int inLine = (int)(place - shard.Entries) & (EntryLine.Length - 1);
        ulong* line = place - inLine;
        while (line[EntryLine.Length - 1] != EntryLine.Empty)
        {
            // From a full line some may have gone on; the first of them comes back.
            ulong* next = line + EntryLine.Length;
            if (*next == EntryLine.Empty || LineOf((uint)(*next >> TagShift), shard) >= next)
            {
                break;
            }

            EntryLine.Remove(line, inLine, *next);
            line = next;
            inLine = 0;
        }

        EntryLine.Remove(line, inLine, EntryLine.Empty);
        shard.Count--;
        Count--;
        if (2 * shard.Count < EntryLine.Length * shard.NumLines && shard.NumLines > 2)
        {
            Resize(ref shard, (shard.Count * 3 / 2 / EntryLine.Length) + 1);
        }
    }

    /// <summary>Asks the processor for the line that a key belongs to, and for the next, where it is if that one is full.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong key)
    {
        ulong hash = Hash(key);
        if (Sse.IsSupported)
        {
            ulong* line = LineOf(Tag(hash), ShardOf(hash));
            Sse.Prefetch0(line);
            Sse.Prefetch0(line + EntryLine.Length);
        }
    }

    // Keys are hashes already; the product also spreads small numbers.
    private static ulong Hash(ulong key) => key * 0x9E3779B97F4A7C15;

    private static uint Tag(ulong hash) => (uint)(hash >> (TagShift - ShardBits)) & TagMask;

    private static ulong Entry(uint tag, uint run, int offset) => ((ulong)tag << TagShift) | ((ulong)offset << 32) | run;

    private static (uint Run, int Offset) Location(ulong entry) => ((uint)entry, (int)(entry >> 32) & (Run.MaxKeys - 1));

    private ref Shard ShardOf(ulong hash) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_shards), (nuint)(hash >> (64 - ShardBits)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong* LineOf(uint tag, in Shard shard) => shard.Entries + ((((ulong)tag * shard.NumLines) >> TagBits) * EntryLine.Length);

    // Where the first entry of a tag is or belongs.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong* FirstOf(uint tag, in Shard shard)
    {
        ulong* line = LineOf(tag, shard);
        int below;
        while ((below = EntryLine.CountBelow(line, (ulong)tag << TagShift)) == EntryLine.Length)
        {
            line += EntryLine.Length;
        }

        return line + below;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong* PlaceOf(ulong wanted, in Shard shard)
    {
        uint tag = (uint)(wanted >> TagShift);
        ulong* place = FirstOf(tag, shard);
        for (; *place != wanted; place++)
        {
            if ((uint)(*place >> TagShift) != tag)
            {
                ThrowUnknown(wanted);
            }
        }

        return place;
    }

    [DoesNotReturn]
    private static void ThrowUnknown(ulong wanted) =>
        throw new InvalidOperationException($"Run {(uint)wanted} has a block that the table does not know.");

    private static uint LargerThan(uint numLines, uint shard)
    {
        uint larger = Math.Max(numLines + 1, numLines + (numLines / 4));
        return numLines < FirstUnequal && larger >= FirstUnequal ? FirstUnequal + (shard % NumUnequal) : larger;
    }

    // Makes room in a full line: its last entry goes on to the next one, and so on.
    private ulong* PushOn(ref Shard shard, ulong* line)
    {
        // The line behind the last one always stays empty.
        ulong* end = line;
        while (end[EntryLine.Length - 1] != EntryLine.Empty)
        {
            end += EntryLine.Length;
        }

        nint index = (nint)(line - shard.Entries);
        nint endIndex = (nint)(end - shard.Entries);
        if (endIndex == (nint)(shard.NumLines + shard.NumSpare) * EntryLine.Length)
        {
            Allocate(ref shard, shard.NumLines, 2 * shard.NumSpare);
        }

        for (; endIndex > index; endIndex -= EntryLine.Length)
        {
            EntryLine.Insert(shard.Entries + endIndex, 0, shard.Entries[endIndex - 1]);
        }

        return shard.Entries + index;
    }

    private void Resize(ref Shard shard, uint numLines) => Allocate(ref shard, numLines, 1);

    // Moves a shard's entries, in order; more spare lines are taken until all fit.
    private void Allocate(ref Shard shard, uint numLines, uint numSpare)
    {
        Shard old = shard;
        uint oldTotal = old.NumLines == 0 ? 0 : old.NumLines + old.NumSpare;
        for (; ; numSpare *= 2)
        {
            nuint length = (numLines + numSpare + 1) * (nuint)EntryLine.Length;
            ulong* entries = (ulong*)NativeMemory.AlignedAlloc(length * sizeof(ulong), EntryLine.Length * sizeof(ulong));
            NativeMemory.Fill(entries, length * sizeof(ulong), 0xFF);
            shard = old with { Entries = entries, NumLines = numLines, NumSpare = numSpare };
            if (TryCopy(old.Entries, oldTotal * EntryLine.Length, shard))
            {
                break;
            }

            NativeMemory.AlignedFree(entries);
        }

        NativeMemory.AlignedFree(old.Entries);
        NumBytes += ((long)numLines + shard.NumSpare - oldTotal + (oldTotal == 0 ? 1 : 0)) * EntryLine.Length * sizeof(ulong);
    }

    private static bool TryCopy(ulong* from, uint count, in Shard shard)
    {
        ulong* next = shard.Entries;
        ulong* end = shard.Entries + ((shard.NumLines + shard.NumSpare) * (nuint)EntryLine.Length);
        for (uint i = 0; i < count; i++)
        {
            if (from[i] != EntryLine.Empty)
            {
                ulong* line = LineOf((uint)(from[i] >> TagShift), shard);
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

    private struct Shard
    {
        public ulong* Entries;
        public uint NumLines;
        public uint NumSpare;
        public uint Count;
    }
}
