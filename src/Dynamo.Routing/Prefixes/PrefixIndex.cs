using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;
using Dynamo.Protocol.KV;

namespace Dynamo.Routing.Prefixes;

/// <summary>
/// An exact <see cref="IPrefixIndex"/> that is small and quick at millions of blocks: 10 to 11 bytes a block that one worker holds, next to nothing
/// for each further holder.
/// </summary>
/// <remarks>
/// <para>
/// A key names its whole prefix, so a block can lie anywhere. Blocks lie in <em>runs</em> of up to 64 keys, side by side in the order they were stored in, so
/// a prompt's keys are compared with a run's as vectors, and only where they part is the next run looked up in the <see cref="KeyTable"/>. A new block
/// goes right behind its parent if that place is free (the end of a run, or a dead position), else a new run begins. Whether a parent is known, and in
/// which order blocks arrive, changes only how long runs get. Of most blocks the table knows nothing: they are found behind their parents
/// (<see cref="BlockFinder"/>), wherefore a parent must be the true one.
/// </para>
/// <para>
/// Per run it is kept which positions each holder has: a mask of 64 bits. Holders with equal masks share one bitmap over slots, those with a
/// hole of their own stand beside it (<see cref="HolderRecord"/>). So a hole splits nothing and filling it merges nothing.
/// </para>
/// <para>
/// A position dies with its last holder. Runs free themselves when nothing lives, shrink from their end at once, and are squeezed when more than a
/// quarter is dead. Keys and records of one size lie densely and close up when one goes (<see cref="WordPool"/>), the table shrinks.
/// </para>
/// <para>
/// Invariants, which tests check: what <see cref="BlockFinder"/> says must be listed is, at the place where the run has that key; a
/// run's live mask is the union of its holders' masks and not 0; a holder's mask is not 0; a slot's count is the bits of its masks.
/// </para>
/// <para>
/// A change that fails half-way, as without memory, leaves an index that nobody can rely on: from then on it refuses everything.
/// </para>
/// </remarks>
public sealed unsafe class PrefixIndex : IPrefixIndex
{
    /// <summary>Slots are below this.</summary>
    public const int MaxSlots = 1 << 13;

    private readonly FetchAhead _fetchAhead;
    private readonly Holdings _holdings;
    private bool _isChanging;

    /// <summary>Nothing held.</summary>
    public PrefixIndex()
    {
        Runs = new RunStore();
        Holders = new HolderStore(Runs);
        Table = new KeyTable(Runs);
        Finder = new BlockFinder(Runs, Holders, Table);
        _fetchAhead = new FetchAhead(Runs, Table, Holders);
        _holdings = new Holdings(Runs, Holders, Table, Finder);
    }

    /// <summary>Distinct blocks that anybody holds.</summary>
    public long NumDistinctBlocks => _holdings.NumDistinct;

    /// <summary>Bytes of memory taken, unused room included.</summary>
    public long NumBytes => Runs.NumBytes + Holders.NumBytes + Table.NumBytes + Finder.NumBytes + (NumSlots * sizeof(long));

    /// <summary>The runs.</summary>
    internal RunStore Runs { get; }

    /// <summary>Their holders.</summary>
    internal HolderStore Holders { get; }

    /// <summary>Where listed keys are.</summary>
    internal KeyTable Table { get; }

    /// <summary>Finds keys, those that are not listed, too.</summary>
    internal BlockFinder Finder { get; }

    /// <summary>Slots that ever held something are below this.</summary>
    internal int NumSlots => _holdings.NumSlots;

    /// <inheritdoc/>
    public long NumBlocks(int slot) => _holdings.NumBlocks(slot);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="slot"/> is negative or not below <see cref="MaxSlots"/>.</exception>
    public void Stored(int slot, BlockKey? parent, ReadOnlySpan<BlockKey> blocks)
    {
        ReadOnlySpan<ulong> keys = Values(blocks);
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, MaxSlots);
        BeginChange();
        _holdings.MakeRoom(slot);
        if (!keys.IsEmpty)
        {
            Table.Prefetch(keys[0]);
        }

        // Where the block before the next one is; run 0 is nowhere.
        (uint run, int offset) = (0, 0);
        if (parent is { } before)
        {
            Finder.TryFindParent(slot, before.Value, out run, out offset);
        }

        for (int i = 0; i < keys.Length;)
        {
            if (Finder.TryFindAfter(run, offset, keys[i], out uint found, out int at))
            {
                int length = LiveLength(Runs[found], at, keys[i..]);
                _holdings.Hold(found, slot, Run.Bits(at, length));
                i += length;
                if (run != 0 && found != run && at == 0)
                {
                    Runs[run].Next = found;
                }

                (run, offset) = (found, at + length - 1);
            }
            else
            {
                i += Place(slot, keys[i..], ref run, ref offset);
            }
        }

        EndChange();
    }

    /// <inheritdoc/>
    public int Removed(int slot, ReadOnlySpan<BlockKey> blocks)
    {
        ReadOnlySpan<ulong> keys = Values(blocks);
        RequireWhole();
        if (NumBlocks(slot) == 0)
        {
            return 0;
        }

        BeginChange();
        int numRemoved = 0;
        for (int i = 0, fetched = 0; i < keys.Length;)
        {
            if (i >= fetched)
            {
                fetched = i + _fetchAhead.Fetch(keys[i..]);
            }

            // The first of the next run, if this one is whole.
            if (i + Run.MaxKeys < keys.Length)
            {
                Table.Prefetch(keys[i + Run.MaxKeys]);
            }

            if (!Finder.TryFindHeld(slot, keys[i++], out uint run, out int at))
            {
                continue;
            }

            // Neighbours in the run usually go together, last to first or first to last.
            ulong bits = 1ul << at;
            int length = LiveLengthBackwards(Runs[run], at - 1, keys[i..]);
            if (length > 0)
            {
                bits |= Run.Bits(at - length, length);
            }
            else if (at < Runs[run].Last && (Runs[run].Live >> (at + 1) & 1) != 0)
            {
                length = LiveLength(Runs[run], at + 1, keys[i..]);
                bits |= length > 0 ? Run.Bits(at + 1, length) : 0;
            }

            i += length;
            numRemoved += _holdings.Release(run, slot, bits);
        }

        EndChange();
        return numRemoved;
    }

    /// <inheritdoc/>
    public void Cleared(int slot)
    {
        BeginChange();
        _holdings.Clear(slot);
        EndChange();
    }

    /// <inheritdoc/>
    public void Expect(ReadOnlySpan<BlockKey> prompt)
    {
        RequireWhole();
        _fetchAhead.Expect(Values(prompt));
        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Match(ReadOnlySpan<BlockKey> prompt, Span<int> depths)
    {
        ReadOnlySpan<ulong> keys = Values(prompt);
        RequireWhole();
        if (depths.Length > NumSlots)
        {
            depths[NumSlots..].Clear();
            depths = depths[..NumSlots];
        }

        if (depths.IsEmpty)
        {
            return;
        }

        ActiveSlots active = new(depths, stackalloc ulong[ActiveSlots.NumWords(depths.Length)]);
        bool areFar = Runs.AreFar;
        int depth = 0;
        int fetched = 0;
        (uint run, int offset) = (0, 0);
        while (depth < keys.Length)
        {
            if (areFar && depth >= fetched)
            {
                fetched = depth + _fetchAhead.Fetch(keys[depth..]);
            }

            if (!TryFindNext(areFar, run, offset, keys[depth], out run, out offset))
            {
                break;
            }

            if (areFar)
            {
                _fetchAhead.Reach(run, offset, keys[depth..]);
            }

            ref Run header = ref Runs[run];
            int length = LiveLength(header, offset, keys[depth..]);
            active.Keep(header, Holders, offset, length, depth);
            offset += length - 1;
            if ((header.Listed >> offset & 1) == 0)
            {
                // Here the prompt parts from the run; what is stored of it will name this block as its parent.
                BeginChange();
                Finder.List(run, 1ul << offset);
                EndChange();
            }

            if (active.IsEmpty)
            {
                break;
            }

            depth += length;
        }

        active.End(depth);
        GC.KeepAlive(this);
    }

    private void BeginChange()
    {
        RequireWhole();
        _isChanging = true;
    }

    private void EndChange()
    {
        _isChanging = false;
        GC.KeepAlive(this);
    }

    private void RequireWhole()
    {
        if (_isChanging)
        {
            ThrowBroken();
        }
    }

    [DoesNotReturn]
    private static void ThrowBroken() => throw new InvalidOperationException("An earlier change of the prefix index failed half-way.");

    // Inside they are plain numbers, compared as vectors.
    private static ReadOnlySpan<ulong> Values(ReadOnlySpan<BlockKey> keys) => MemoryMarshal.Cast<BlockKey, ulong>(keys);

    // Finds a block by its parent: at the next of the runs that were fetched, or where the sequence went on last if it does again.
    private bool TryFindNext(bool areFar, uint parent, int parentOffset, ulong key, out uint run, out int offset)
    {
        offset = 0;
        if (areFar && _fetchAhead.TryFindFirst(key, out run))
        {
            return true;
        }

        run = Runs[parent].Next;
        return (run != 0 && (Runs[run].Live & 1) != 0 && Runs.HasKey(run, 0, key)) || Finder.TryFindAfter(parent, parentOffset, key, out run, out offset);
    }

    // How many blocks agree with a run's keys from a live position on, up to the first dead one: that key may live elsewhere.
    private int LiveLength(in Run run, int offset, ReadOnlySpan<ulong> blocks)
    {
        Debug.Assert((run.Live >> offset & 1) != 0, "A block is found where it is not live.");
        fixed (ulong* first = blocks)
        {
            return KeyCompare.CommonLength(Runs.Keys(run) + offset, first, Math.Min(Run.Length(run.Live, offset), blocks.Length));
        }
    }

    // The same from a position on backwards.
    private int LiveLengthBackwards(in Run run, int offset, ReadOnlySpan<ulong> blocks)
    {
        if (offset < 0)
        {
            return 0;
        }

        int length = BitOperations.LeadingZeroCount(~(run.Live << (Run.MaxKeys - 1 - offset)));
        fixed (ulong* first = blocks)
        {
            return KeyCompare.CommonLengthBackwards(Runs.Keys(run) + offset, first, Math.Min(length, blocks.Length));
        }
    }

    // Puts unknown blocks behind their parent, or into a new run; stops at the first that is known.
    private int Place(int slot, ReadOnlySpan<ulong> blocks, ref uint run, ref int offset)
    {
        uint before = run;
        int start = offset + 1;
        int room = run == 0 ? 0 : Math.Min(BitOperations.TrailingZeroCount(Runs[run].Live >> start), Run.MaxKeys - start);
        if (start >= Run.MaxKeys || room <= 0)
        {
            run = 0;
            (start, room) = (0, Run.MaxKeys);
        }

        room = Math.Min(room, blocks.Length);
        int oldCount = 0;
        if (run == 0)
        {
            run = Runs.Add(room);
            if (before != 0)
            {
                Runs[before].Next = run;
            }
        }
        else
        {
            oldCount = Runs[run].Count;
            Runs.Grow(run, start + room, oldCount);
        }

        Debug.Assert(start + room <= RunStore.Room(Runs[run]), "A run has no room for keys.");
        int placed = NumUnlisted(blocks[..room]);
        blocks[..placed].CopyTo(new Span<ulong>(Runs.Keys(run) + start, placed));
        ulong bits = Run.Bits(start, placed);
        _holdings.Hold(run, slot, bits);
        Finder.Placed(run, bits, start == oldCount);
        if (placed < room)
        {
            Runs.Shrink(run);
        }

        offset = start + placed - 1;
        return placed;
    }

    // How many blocks have no entry. What has none and follows one that is unknown is itself unknown; the first is.
    private int NumUnlisted(ReadOnlySpan<ulong> blocks)
    {
        int count = 1;
        while (count < blocks.Length && !Table.TryFind(blocks[count], out _, out _))
        {
            count++;
        }

        return count;
    }
}
