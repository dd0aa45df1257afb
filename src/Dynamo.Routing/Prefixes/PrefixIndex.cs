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
/// </remarks>
public sealed unsafe class PrefixIndex : IPrefixIndex
{
    /// <summary>Slots are below this.</summary>
    public const int MaxSlots = 1 << 13;

    // An index of so many blocks stays in a processor's own cache; fetching ahead would only cost.
    private const int MaxCached = 1 << 16;

    // Blocks between samples of a prompt, and samples taken at once.
    private const int SampleStride = 48;
    private const int NumSamples = 12;

    // Runs whose record is fetched ahead of use when all are looked at.
    private const int ClearAhead = 16;

    private long[] _numBlocks = [];

    /// <summary>Nothing held.</summary>
    public PrefixIndex()
    {
        Runs = new RunStore();
        Holders = new HolderStore(Runs);
        Table = new KeyTable(Runs);
    }

    /// <summary>Distinct blocks that anybody holds.</summary>
    public long NumDistinctBlocks => Table.Count;

    /// <summary>Bytes of memory taken, unused room included.</summary>
    public long NumBytes => Runs.NumBytes + Holders.NumBytes + Table.NumBytes + (_numBlocks.Length * sizeof(long));

    /// <summary>The runs.</summary>
    internal RunStore Runs { get; }

    /// <summary>Their holders.</summary>
    internal HolderStore Holders { get; }

    /// <summary>Where each live key is.</summary>
    internal KeyTable Table { get; }

    /// <summary>Slots that ever held something are below this.</summary>
    internal int NumSlots => _numBlocks.Length;

    /// <inheritdoc/>
    public long NumBlocks(int slot) => (uint)slot < (uint)_numBlocks.Length ? _numBlocks[slot] : 0;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="slot"/> is negative or not below <see cref="MaxSlots"/>.</exception>
    public void Stored(int slot, ulong? parent, ReadOnlySpan<ulong> blocks)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, MaxSlots);
        if (slot >= _numBlocks.Length)
        {
            Array.Resize(ref _numBlocks, Math.Max(slot + 1, Math.Min(2 * _numBlocks.Length, MaxSlots)));
        }

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
                Hold(found, slot, Run.Bits(at, length));
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

        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public int Removed(int slot, ReadOnlySpan<ulong> blocks)
    {
        if (NumBlocks(slot) == 0)
        {
            return 0;
        }

        int numRemoved = 0;
        for (int i = 0, fetched = 0; i < blocks.Length;)
        {
            if (i >= fetched)
            {
                fetched = i + FetchAhead(blocks[i..]);
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

            numRemoved += Release(run, slot, bits);
        }

        GC.KeepAlive(this);
        return numRemoved;
    }

    /// <inheritdoc/>
    /// <remarks>Looks at all runs: a worker leaves so seldom that lists per worker are not worth their memory.</remarks>
    public void Cleared(int slot)
    {
        for (uint run = 1; NumBlocks(slot) > 0; run++)
        {
            if (run + ClearAhead < Runs.NumIds)
            {
                PrefetchHolding(run + ClearAhead, slot);
            }

            ref Run header = ref Runs[run];
            if (header.Live != 0 && Holders.MaskOf(header, slot) is ulong held and not 0)
            {
                Release(run, slot, held);
            }
        }

        GC.KeepAlive(this);
    }

    /// <inheritdoc/>
    public void Match(ReadOnlySpan<ulong> prompt, Span<int> depths)
    {
        if (depths.Length > _numBlocks.Length)
        {
            depths[_numBlocks.Length..].Clear();
            depths = depths[.._numBlocks.Length];
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
                fetched = depth + FetchAhead(prompt[depth..]);
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

    // Brings what the next lookups will need near, all at once instead of one after the other: samples of the keys find the runs between them.
    // Returns how far that reaches.
    private int FetchAhead(ReadOnlySpan<ulong> prompt)
    {
        if (prompt.Length == 1 || Table.Count <= MaxCached)
        {
            return prompt.Length;
        }

        int numSamples = Math.Min((prompt.Length + SampleStride - 1) / SampleStride, NumSamples);
        Span<uint> runs = stackalloc uint[NumSamples];
        for (int i = 0; i < numSamples; i++)
        {
            Table.Prefetch(prompt[i * SampleStride]);
        }

        int numRuns = 0;
        for (uint run; numRuns < numSamples && (run = Table.Guess(prompt[numRuns * SampleStride]).Run) != 0; numRuns++)
        {
            runs[numRuns] = run;
            Runs.PrefetchRun(run);
        }

        foreach (uint run in runs[..numRuns])
        {
            Runs.PrefetchKeys(run);
        }

        return NumSamples * SampleStride;
    }

    // How many blocks agree with a run's keys from a live position on, up to the first dead one: that key may live elsewhere.
    private int LiveLength(in Run run, int offset, ReadOnlySpan<ulong> blocks)
    {
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

        ulong* keys = Runs.Keys(run) + start;
        blocks[..room].CopyTo(new Span<ulong>(keys, room));
        int placed = Table.Add(keys, room, run, start);
        Hold(run, slot, Run.Bits(start, placed));
        if (placed < room)
        {
            Runs.Shrink(run);
        }

        offset = start + placed - 1;
        return placed;
    }

    private void Hold(uint run, int slot, ulong bits)
    {
        ref Run header = ref Runs[run];
        ulong held = header.Live == 0 ? 0 : Holders.MaskOf(header, slot);
        if ((bits & ~held) != 0)
        {
            _numBlocks[slot] += BitOperations.PopCount(bits & ~held);
            Holders.Set(run, slot, held | bits);
        }
    }

    private void PrefetchHolding(uint run, int slot)
    {
        ref Run header = ref Runs[run];
        if (!header.IsSole)
        {
            Holders.PrefetchRecord(header);
        }
        else if (header.SoleSlot == slot)
        {
            Runs.PrefetchKeys(run);
        }
    }

    private int Release(uint run, int slot, ulong bits)
    {
        ref Run header = ref Runs[run];
        ulong held = Holders.MaskOf(header, slot);
        bits &= held;
        if (bits == 0)
        {
            return 0;
        }

        int numReleased = BitOperations.PopCount(bits);
        _numBlocks[slot] -= numReleased;
        ulong live = header.Live;
        Holders.Set(run, slot, held & ~bits);
        if (header.Live != live)
        {
            Table.Remove(Runs.Keys(run), run, live & ~header.Live);
            Trim(run);
        }

        return numReleased;
    }

    private void Trim(uint run)
    {
        ref Run header = ref Runs[run];
        if (header.Live == 0)
        {
            Runs.Free(run);
            return;
        }

        int numLive = BitOperations.PopCount(header.Live);
        if (4 * numLive < 3 * header.Count)
        {
            ulong* keys = Runs.Keys(run);
            int to = 0;
            for (ulong live = header.Live; live != 0; live &= live - 1, to++)
            {
                int from = BitOperations.TrailingZeroCount(live);
                if (from != to)
                {
                    keys[to] = keys[from];
                    Table.Move(keys[to], run, from, to);
                }
            }

            Holders.Squeeze(run);
        }

        Runs.Shrink(run);
    }
}
