using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Dynamo.Routing.Prefixes;

/// <summary>
/// From a live block's key to its run and position: 8 bytes an entry, the key itself stays in the run. Open addressing without tombstones, loaded
/// between 0.6 and 0.75; a few hundred shards grow and shrink on their own, so that no single operation moves more than its shard. Not thread-safe.
/// </summary>
/// <remarks>
/// An entry is, from the top: 26 bits of the key's hash, 6 of position, 32 of run; 0 is empty. The place where its probing begins follows from those
/// 26 bits and the capacity, in ascending order, so a shard is moved entry by entry without looking at a key and nearly in memory order.
/// </remarks>
internal sealed unsafe class KeyTable
{
    private const int ShardBits = 8;
    private const int TagBits = 26;
    private const int TagShift = 64 - TagBits;
    private const uint TagMask = (1u << TagBits) - 1;
    private const uint MinCapacity = 16;

    private readonly RunStore _runs;
    private readonly Shard[] _shards = GC.AllocateArray<Shard>(1 << ShardBits, pinned: true);

    /// <summary>No entries.</summary>
    /// <param name="runs">Where entries point.</param>
    public KeyTable(RunStore runs) => _runs = runs;

    ~KeyTable()
    {
        foreach (Shard shard in _shards)
        {
            NativeMemory.Free(shard.Entries);
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
        uint tag = Tag(hash);
        if (shard.Capacity != 0)
        {
            for (uint position = Home(tag, shard.Capacity); ; position = Next(position, shard.Capacity))
            {
                ulong entry = shard.Entries[position];
                if (entry == 0)
                {
                    break;
                }

                if ((uint)(entry >> TagShift) == tag)
                {
                    (run, offset) = Location(entry);
                    if (_runs.HasKey(run, offset, key))
                    {
                        return true;
                    }
                }
            }
        }

        (run, offset) = (0, 0);
        return false;
    }

    /// <summary>The run that most likely has a key, without a look at it; 0 when none has.</summary>
    public uint Guess(ulong key)
    {
        ulong hash = Hash(key);
        ref Shard shard = ref ShardOf(hash);
        uint tag = Tag(hash);
        if (shard.Capacity != 0)
        {
            ulong entry;
            for (uint position = Home(tag, shard.Capacity); (entry = shard.Entries[position]) != 0; position = Next(position, shard.Capacity))
            {
                if ((uint)(entry >> TagShift) == tag)
                {
                    return (uint)entry;
                }
            }
        }

        return 0;
    }

    /// <summary>Adds a key that is written in its run already.</summary>
    /// <returns>Whether it was added; <see langword="false"/> when the key has an entry, which stays.</returns>
    public bool TryAdd(ulong key, uint run, int offset)
    {
        ulong hash = Hash(key);
        ref Shard shard = ref ShardOf(hash);
        if (4ul * (shard.Count + 1) > 3ul * shard.Capacity)
        {
            Resize(ref shard, shard.Capacity == 0 ? MinCapacity + (uint)(hash >> (64 - ShardBits)) % (MinCapacity / 4) : shard.Capacity + (shard.Capacity / 4));
        }

        uint tag = Tag(hash);
        uint position = Home(tag, shard.Capacity);
        for (ulong entry; (entry = shard.Entries[position]) != 0; position = Next(position, shard.Capacity))
        {
            if ((uint)(entry >> TagShift) == tag && _runs.HasKey((uint)entry, (int)(entry >> 32) & (Run.MaxKeys - 1), key))
            {
                return false;
            }
        }

        shard.Entries[position] = Entry(tag, run, offset);
        shard.Count++;
        Count++;
        return true;
    }

    /// <summary>Notes that a block moved within its run.</summary>
    public void Move(ulong key, uint run, int from, int to)
    {
        ulong hash = Hash(key);
        ref Shard shard = ref ShardOf(hash);
        uint tag = Tag(hash);
        shard.Entries[PositionOf(shard, Entry(tag, run, from))] = Entry(tag, run, to);
    }

    /// <summary>Removes the entry of a block that is at this place.</summary>
    public void Remove(ulong key, uint run, int offset)
    {
        ulong hash = Hash(key);
        ref Shard shard = ref ShardOf(hash);
        uint capacity = shard.Capacity;
        uint gap = PositionOf(shard, Entry(Tag(hash), run, offset));

        // What follows without a gap is drawn up, unless it would come before the place where its probing begins.
        for (uint position = Next(gap, capacity); ; position = Next(position, capacity))
        {
            ulong entry = shard.Entries[position];
            if (entry == 0)
            {
                break;
            }

            uint home = Home((uint)(entry >> TagShift), capacity);
            if (Distance(home, position, capacity) >= Distance(gap, position, capacity))
            {
                shard.Entries[gap] = entry;
                gap = position;
            }
        }

        shard.Entries[gap] = 0;
        shard.Count--;
        Count--;
        if (2 * shard.Count < capacity && capacity >= 2 * MinCapacity)
        {
            Resize(ref shard, (shard.Count * 3 / 2) + 1);
        }
    }

    /// <summary>Asks the processor for the line where a key's probing begins.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong key)
    {
        ulong hash = Hash(key);
        ref Shard shard = ref ShardOf(hash);
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(shard.Entries + Home(Tag(hash), shard.Capacity));
        }
    }

    // Keys are hashes already; the product also spreads small numbers.
    private static ulong Hash(ulong key) => key * 0x9E3779B97F4A7C15;

    private static uint Tag(ulong hash) => (uint)(hash >> (TagShift - ShardBits)) & TagMask;

    private static uint Home(uint tag, uint capacity) => (uint)(((ulong)tag * capacity) >> TagBits);

    private static uint Next(uint position, uint capacity) => position + 1 == capacity ? 0 : position + 1;

    private static uint Distance(uint from, uint to, uint capacity) => to >= from ? to - from : to + capacity - from;

    private static ulong Entry(uint tag, uint run, int offset) => ((ulong)tag << TagShift) | ((ulong)offset << 32) | run;

    private static (uint Run, int Offset) Location(ulong entry) => ((uint)entry, (int)(entry >> 32) & (Run.MaxKeys - 1));

    private ref Shard ShardOf(ulong hash) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_shards), (nuint)(hash >> (64 - ShardBits)));

    private static uint PositionOf(in Shard shard, ulong wanted)
    {
        for (uint position = Home((uint)(wanted >> TagShift), shard.Capacity); ; position = Next(position, shard.Capacity))
        {
            ulong entry = shard.Entries[position];
            if (entry == wanted)
            {
                return position;
            }

            if (entry == 0)
            {
                throw new InvalidOperationException($"Run {(uint)wanted} has a block that the table does not know.");
            }
        }
    }

    private void Resize(ref Shard shard, uint capacity)
    {
        ulong* entries = (ulong*)NativeMemory.AllocZeroed(capacity, sizeof(ulong));
        for (uint i = 0; i < shard.Capacity; i++)
        {
            ulong entry = shard.Entries[i];
            if (entry != 0)
            {
                uint position = Home((uint)(entry >> TagShift), capacity);
                while (entries[position] != 0)
                {
                    position = Next(position, capacity);
                }

                entries[position] = entry;
            }
        }

        NativeMemory.Free(shard.Entries);
        NumBytes += ((long)capacity - shard.Capacity) * sizeof(ulong);
        shard.Entries = entries;
        shard.Capacity = capacity;
    }

    private struct Shard
    {
        public ulong* Entries;
        public uint Capacity;
        public uint Count;
    }
}
