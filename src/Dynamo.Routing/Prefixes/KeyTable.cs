using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Dynamo.Routing.Prefixes;

/// <summary>
/// From a listed block's key to its run and position: 8 bytes an entry, the key itself stays in the run. Open addressing without tombstones, loaded
/// between 0.6 and 0.75; a few hundred shards grow and shrink on their own, so that no single operation moves more than its shard. Not thread-safe.
/// </summary>
/// <remarks>An entry is, from the top: 26 bits of the key's hash (its tag), 6 of position, 32 of run; <see cref="EntryShard"/> keeps them in order.</remarks>
internal sealed unsafe class KeyTable
{
    private const int ShardBits = 8;
    private const int TagShift = EntryShard.TagShift;
    private const uint TagMask = (1u << EntryShard.TagBits) - 1;

    private readonly RunStore _runs;
    private readonly EntryShard[] _shards = GC.AllocateArray<EntryShard>(1 << ShardBits, pinned: true);

    /// <summary>No entries.</summary>
    /// <param name="runs">Where entries point.</param>
    public KeyTable(RunStore runs) => _runs = runs;

    ~KeyTable()
    {
        foreach (EntryShard shard in _shards)
        {
            shard.Free();
        }
    }

    /// <summary>Entries.</summary>
    public long Count { get; private set; }

    /// <summary>Bytes taken from the operating system.</summary>
    public long NumBytes
    {
        get
        {
            long bytes = (long)_shards.Length * sizeof(EntryShard);
            foreach (EntryShard shard in _shards)
            {
                bytes += shard.NumBytes;
            }

            return bytes;
        }
    }

    /// <summary>Finds a listed block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryFind(ulong key, out uint run, out int offset)
    {
        ulong hash = Hash(key);
        ref EntryShard shard = ref ShardOf(hash);
        if (!shard.IsEmpty)
        {
            uint tag = Tag(hash);
            for (ulong* place = shard.FirstOf(tag); (uint)(*place >> TagShift) == tag; place++)
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
        ref EntryShard shard = ref ShardOf(hash);
        if (shard.IsEmpty)
        {
            return (0, 0);
        }

        uint tag = Tag(hash);
        ulong entry = *shard.FirstOf(tag);
        return (uint)(entry >> TagShift) == tag ? Location(entry) : (0, 0);
    }

    /// <summary>Adds entries for some of a run's keys, which have none.</summary>
    /// <param name="keys">The run's keys.</param>
    /// <param name="run">The run.</param>
    /// <param name="positions">A bit for each.</param>
    public void Add(ulong* keys, uint run, ulong positions)
    {
        PrefetchAll(keys, positions);
        for (ulong left = positions; left != 0; left &= left - 1)
        {
            int position = BitOperations.TrailingZeroCount(left);
            ulong hash = Hash(keys[position]);
            ref EntryShard shard = ref ShardOf(hash);
            shard.Reserve(ShardNumber(hash));
            uint tag = Tag(hash);
            shard.Insert(shard.FirstOf(tag), Entry(tag, run, position));
        }

        Count += BitOperations.PopCount(positions);
    }

    /// <summary>Removes the entries of some of a run's keys.</summary>
    /// <param name="keys">The run's keys.</param>
    /// <param name="run">The run.</param>
    /// <param name="positions">A bit for each that goes.</param>
    public void Remove(ulong* keys, uint run, ulong positions)
    {
        PrefetchAll(keys, positions);
        for (ulong left = positions; left != 0; left &= left - 1)
        {
            int position = BitOperations.TrailingZeroCount(left);
            ulong hash = Hash(keys[position]);
            ref EntryShard shard = ref ShardOf(hash);
            shard.Remove(PlaceOf(shard, Entry(Tag(hash), run, position)));
        }

        Count -= BitOperations.PopCount(positions);
    }

    /// <summary>Notes that a block moved within its run.</summary>
    public void Move(ulong key, uint run, int from, int to)
    {
        ulong hash = Hash(key);
        uint tag = Tag(hash);
        *PlaceOf(ShardOf(hash), Entry(tag, run, from)) = Entry(tag, run, to);
    }

    /// <summary>Whether a block has an entry; for checks.</summary>
    public bool Has(ulong key, uint run, int offset)
    {
        ulong hash = Hash(key);
        ref EntryShard shard = ref ShardOf(hash);
        if (shard.IsEmpty)
        {
            return false;
        }

        uint tag = Tag(hash);
        ulong wanted = Entry(tag, run, offset);
        ulong* place = shard.FirstOf(tag);
        while (*place != wanted && (uint)(*place >> TagShift) == tag)
        {
            place++;
        }

        return *place == wanted;
    }

    /// <summary>Throws if a shard is not in order; for checks.</summary>
    public void Validate()
    {
        for (int i = 0; i < _shards.Length; i++)
        {
            if (!_shards[i].IsSound())
            {
                throw new InvalidOperationException($"Shard {i} is not in order.");
            }
        }
    }

    /// <summary>Asks the processor for the line that a key belongs to.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(ulong key)
    {
        if (Sse.IsSupported)
        {
            ulong hash = Hash(key);
            Sse.Prefetch0(ShardOf(hash).LineOf(Tag(hash)));
        }
    }

    // Keys are hashes already; the product also spreads small numbers.
    private static ulong Hash(ulong key) => key * 0x9E3779B97F4A7C15;

    // The highest tag is that of no entry; its keys take the one below.
    private static uint Tag(ulong hash)
    {
        uint tag = (uint)(hash >> (TagShift - ShardBits)) & TagMask;
        return tag - ((tag + 1) >> EntryShard.TagBits);
    }

    private static uint ShardNumber(ulong hash) => (uint)(hash >> (64 - ShardBits));

    private static ulong Entry(uint tag, uint run, int offset) => ((ulong)tag << TagShift) | ((ulong)offset << 32) | run;

    private static (uint Run, int Offset) Location(ulong entry) => ((uint)entry, (int)(entry >> 32) & (Run.MaxKeys - 1));

    private ref EntryShard ShardOf(ulong hash) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_shards), (nuint)ShardNumber(hash));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong* PlaceOf(in EntryShard shard, ulong wanted)
    {
        uint tag = (uint)(wanted >> TagShift);
        ulong* place = shard.FirstOf(tag);
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

    private void PrefetchAll(ulong* keys, ulong positions)
    {
        // The line of a single one would be asked for no earlier than it is read.
        if ((positions & (positions - 1)) == 0)
        {
            return;
        }

        for (ulong left = positions; left != 0; left &= left - 1)
        {
            Prefetch(keys[BitOperations.TrailingZeroCount(left)]);
        }
    }
}
