using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace Dynamo.Routing.Prefixes;

/// <summary>
/// An exact <see cref="IPrefixIndex"/> that is small and quick at millions of blocks: about 21 bytes a block that one worker holds, next to nothing for
/// each further holder.
/// </summary>
/// <remarks>
/// <para>
/// A key names its whole prefix, so a block can lie anywhere: what follows what is never stored, it shows in the keys. Blocks lie in
/// <em>runs</em> of up to 64 keys, side by side in the order they were stored in, so a prompt's keys are compared with a run's as vectors, and only where
/// they part is the next run looked up in the <see cref="KeyTable"/>. A new block goes right behind its parent if that place is free (the end of
/// a run, or a dead position), else a new run begins. Whether a parent is known, and in which order blocks arrive, changes only how long runs get.
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
/// Invariants, checked by <see cref="PrefixIndexCheck"/>: a key is in the table exactly if some slot holds it, once, at the place where the run has that key;
/// a run's live mask is the union of its holders' masks and not 0; a holder's mask is not 0; a slot's count is the bits of its masks.
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
        _fetchAhead = new FetchAhead(Runs, Table);
        _holdings = new Holdings(Runs, Holders, Table);
    }

    /// <summary>Distinct blocks that anybody holds.</summary>
    public long NumDistinctBlocks => Table.Count;

    /// <summary>Bytes of memory taken, unused room included.</summary>
    public long NumBytes => Runs.NumBytes + Holders.NumBytes + Table.NumBytes + (NumSlots * sizeof(long));

    /// <summary>The runs.</summary>
    internal RunStore Runs { get; }

    /// <summary>Their holders.</summary>
    internal HolderStore Holders { get; }

    /// <summary>Where each live key is.</summary>
    internal KeyTable Table { get; }

    /// <summary>Slots that ever held something are below this.</summary>
    internal int NumSlots => _holdings.NumSlots;

    /// <inheritdoc/>
    public long NumBlocks(int slot) => _holdings.NumBlocks(slot);

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="slot"/> is negative or not below <see cref="MaxSlots"/>.</exception>
    public void Stored(int slot, ulong? parent, ReadOnlySpan<ulong> blocks)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, MaxSlots);
        BeginChange();
        _holdings.MakeRoom(slot);
        if (!blocks.IsEmpty)
        {
            Table.Prefetch(blocks[0]);
        }

        // Where the block before the next one is; run 0 is nowhere. A wrong guess costs a shorter run, nothing else.
        (uint run, int offset) = parent is { } before ? Table.Guess(before) : (0, 0);

        for (int i = 0; i < blocks.Length;)
        {
            if (Table.TryFind(blocks[i], out uint found, out int at))
            {
                int length = LiveLength(Runs[found], at, blocks[i..]);
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
                i += Place(slot, blocks[i..], ref run, ref offset);
            }
        }

        EndChange();
    }

    /// <inheritdoc/>
    public int Removed(int slot, ReadOnlySpan<ulong> blocks)
    {
        RequireWhole();
        if (NumBlocks(slot) == 0)
        {
            return 0;
        }

        BeginChange();
        int numRemoved = 0;
        for (int i = 0, fetched = 0; i < blocks.Length;)
        {
            if (i >= fetched)
            {
                fetched = i + _fetchAhead.Fetch(blocks[i..]);
            }

            // The first of the next run, if this one is whole.
            if (i + Run.MaxKeys < blocks.Length)
            {
                Table.Prefetch(blocks[i + Run.MaxKeys]);
            }

            if (!Table.TryFind(blocks[i++], out uint run, out int at))
            {
                continue;
            }

            // Neighbours in the run usually go together, first to last or last to first.
            ulong bits = 1ul << at;
            ulong* keys = Runs.Keys(run);
            ulong live = Runs[run].Live;
            int step = i < blocks.Length && at > 0 && keys[at - 1] == blocks[i] ? -1 : 1;
            for (int next = at + step; i < blocks.Length && (uint)next < Run.MaxKeys && (live >> next & 1) != 0 && keys[next] == blocks[i]; next += step)
            {
                bits |= 1ul << next;
                i++;
            }

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
    public void Match(ReadOnlySpan<ulong> prompt, Span<int> depths)
    {
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
        int depth = 0;
        int fetched = 0;
        uint run = 0;
        while (depth < prompt.Length)
        {
            if (depth >= fetched)
            {
                fetched = depth + _fetchAhead.Fetch(prompt[depth..]);
            }

            if (!TryFindAfter(run, prompt[depth], out run, out int offset))
            {
                break;
            }

            ref Run header = ref Runs[run];
            int length = LiveLength(header, offset, prompt[depth..]);
            active.Keep(header, Holders, offset, length, depth);
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

    // Finds a block where the sequence most likely goes on, or by the table.
    private bool TryFindAfter(uint before, ulong key, out uint run, out int offset)
    {
        run = Runs[before].Next;
        if (run != 0 && (Runs[run].Live & 1) != 0 && Runs.HasKey(run, 0, key))
        {
            offset = 0;
            return true;
        }

        return Table.TryFind(key, out run, out offset);
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
        ulong* keys = Runs.Keys(run) + start;
        blocks[..room].CopyTo(new Span<ulong>(keys, room));
        int placed = Table.Add(keys, room, run, start);
        _holdings.Hold(run, slot, Run.Bits(start, placed));
        if (placed < room)
        {
            Runs.Shrink(run);
        }

        offset = start + placed - 1;
        return placed;
    }
}
