using System.Diagnostics;
using System.Numerics;
using System.Runtime.Intrinsics.X86;

namespace Dynamo.Routing.Prefixes;

/// <summary>
/// Who holds which positions of which run. A single holder stands in the run itself; several have a <see cref="HolderRecord"/>. Keeps
/// <see cref="Run.Live"/> the union of what is held. Not thread-safe.
/// </summary>
/// <param name="runs">The runs.</param>
internal sealed unsafe class HolderStore(RunStore runs)
{
    // Groups are sought when singles have doubled since, so seeking costs little per single; so few are not worth it.
    private const int MinSinglesToGroup = 8;

    private readonly WordPool _records = new();
    private readonly List<(ulong Mask, int Slot)> _all = [];

    /// <summary>Bytes taken from the operating system.</summary>
    public long NumBytes => _records.NumBytes;

    /// <summary>The record of a run that has one, until records are allocated or freed.</summary>
    public HolderRecord Record(in Run run)
    {
        HolderRecord record = new(_records[run.Holders]);
        Debug.Assert(record.NumWords <= Room(run), "A record has more words than room.");
        return record;
    }

    /// <summary>Positions a slot holds.</summary>
    public ulong MaskOf(in Run run, int slot) => run.IsSole ? run.SoleSlot == slot ? run.Live : 0 : Record(run).MaskOf(slot);

    /// <summary>Asks the processor for the start of a run's record, if it has one.</summary>
    public void PrefetchRecord(in Run run)
    {
        if (Sse.IsSupported && run.Live != 0 && !run.IsSole)
        {
            Sse.Prefetch0(_records[run.Holders]);
        }
    }

    /// <summary>Sets the positions a slot holds. When nothing is live after it, only the run is left to be freed.</summary>
    public void Set(uint id, int slot, ulong mask)
    {
        ref Run run = ref runs[id];
        if (run.Live == 0 || (run.IsSole && run.SoleSlot == slot))
        {
            (run.Live, run.Holders) = (mask, Run.Sole(slot));
        }
        else if (!run.IsSole)
        {
            SetInRecord(id, slot, mask);
        }
        else if (mask != 0)
        {
            (int first, ulong its) = (run.SoleSlot, run.Live);
            run.Holders = _records.Allocate(WordPool.ClassOf(HolderRecord.Size(0, 0, 2)), id);
            HolderRecord record = new(_records[run.Holders]);
            (record.NumBitmapWords, record.NumGroups, record.NumSingles, record.NumUngrouped) = (0, 0, 0, 0);
            record.AddSingle(first, its);
            record.AddSingle(slot, mask);
            run.Live |= mask;
        }
    }

    /// <summary>Numbers the live positions of a run anew, without the dead between them.</summary>
    public void Squeeze(uint id)
    {
        ref Run run = ref runs[id];
        ulong live = run.Live;
        if (!run.IsSole)
        {
            HolderRecord record = Record(run);
            for (int i = 0; i < record.NumGroups; i++)
            {
                record.Group(i)[0] = Squeeze(record.Group(i)[0], live);
            }

            for (int i = 0; i < record.NumSingles; i++)
            {
                record.Single(i)[1] = Squeeze(record.Single(i)[1], live);
            }
        }

        run.Listed = Squeeze(run.Listed, live);
        run.Live = Run.Bits(0, BitOperations.PopCount(live));
    }

    /// <summary>Who owns a run's record; for checks.</summary>
    public uint OwnerOfRecord(in Run run) => _records.OwnerOf(run.Holders);

    /// <summary>Records; for checks.</summary>
    public long NumRecords() => _records.Count();

    private static int Room(in Run run) => WordPool.Capacity(WordPool.ClassOfHandle(run.Holders));

    private static ulong Squeeze(ulong mask, ulong live)
    {
        if (Bmi2.X64.IsSupported)
        {
            return Bmi2.X64.ParallelBitExtract(mask, live);
        }

        ulong squeezed = 0;
        for (int to = 0; live != 0; live &= live - 1, to++)
        {
            squeezed |= (mask >> BitOperations.TrailingZeroCount(live) & 1) << to;
        }

        return squeezed;
    }

    private void SetInRecord(uint id, int slot, ulong mask)
    {
        ref Run run = ref runs[id];
        HolderRecord record = Record(run);
        int group = record.GroupOf(slot);
        if (group >= 0)
        {
            if (record.Group(group)[0] == mask)
            {
                return;
            }

            record.Leave(group, slot);
        }
        else if (record.SingleOf(slot) is int single and >= 0)
        {
            if (mask != 0 && record.GroupFor(mask, slot) < 0)
            {
                record.Single(single)[1] = mask;
                run.Live = record.Union();
                return;
            }

            record.RemoveSingle(single);
        }

        if (mask != 0)
        {
            group = record.GroupFor(mask, slot);
            if (group >= 0)
            {
                record.Join(group, slot);
            }
            else
            {
                record = Resize(id, record.NumWords, HolderRecord.Size(record.NumBitmapWords, record.NumGroups, record.NumSingles + 1));
                record.AddSingle(slot, mask);
            }
        }

        run.Live = record.Union();
        Settle(id, record);
    }

    private void Settle(uint id, HolderRecord record)
    {
        ref Run run = ref runs[id];
        Debug.Assert(record.NumWords <= Room(run), "A record has more words than room.");
        if (OnlyHolder(record) is int only and >= 0)
        {
            Free(run.Holders);
            run.Holders = Run.Sole(only);
        }
        else if (record.NumSingles > Math.Max(MinSinglesToGroup, 2 * record.NumUngrouped))
        {
            Regroup(id, record);
        }
        else
        {
            Resize(id, record.NumWords, record.NumWords);
        }
    }

    private static int OnlyHolder(HolderRecord record)
    {
        if (record.NumGroups + record.NumSingles != 1)
        {
            return -1;
        }

        if (record.NumSingles == 1)
        {
            return (int)record.Single(0)[0];
        }

        int only = -1;
        ulong* bitmap = record.Group(0) + 1;
        for (int i = 0; i < record.NumBitmapWords; i++)
        {
            if (bitmap[i] == 0)
            {
                continue;
            }

            if (only >= 0 || !BitOperations.IsPow2(bitmap[i]))
            {
                return -1;
            }

            only = (i << 6) + BitOperations.TrailingZeroCount(bitmap[i]);
        }

        return only;
    }

    private void Regroup(uint id, HolderRecord record)
    {
        _all.Clear();
        int maxSlot = 0;
        for (int i = 0; i < record.NumGroups; i++)
        {
            ulong* bitmap = record.Group(i) + 1;
            for (int word = 0; word < record.NumBitmapWords; word++)
            {
                for (ulong slots = bitmap[word]; slots != 0; slots &= slots - 1)
                {
                    _all.Add((record.Group(i)[0], (word << 6) + BitOperations.TrailingZeroCount(slots)));
                }
            }
        }

        for (int i = 0; i < record.NumSingles; i++)
        {
            _all.Add((record.Single(i)[1], (int)record.Single(i)[0]));
        }

        foreach ((_, int slot) in _all)
        {
            maxSlot = Math.Max(maxSlot, slot);
        }

        _all.Sort();
        int bitmapWords = (maxSlot >> 6) + 1;
        int minGroup = HolderRecord.MinGroup(bitmapWords);
        int groups = 0;
        int singles = 0;
        for (int i = 0, end; i < _all.Count; i = end)
        {
            end = EndOfEqualMasks(i);
            (groups, singles) = end - i >= minGroup ? (groups + 1, singles) : (groups, singles + end - i);
        }

        uint old = runs[id].Holders;
        int numWords = HolderRecord.Size(bitmapWords, groups, singles);
        uint handle = _records.Allocate(WordPool.ClassOf(numWords), id);
        runs[id].Holders = handle;
        new Span<ulong>(_records[handle], numWords).Clear();
        record = new HolderRecord(_records[handle]) { NumBitmapWords = bitmapWords, NumGroups = groups, NumUngrouped = singles };
        int group = 0;
        for (int i = 0, end; i < _all.Count; i = end)
        {
            end = EndOfEqualMasks(i);
            bool isGroup = end - i >= minGroup;
            if (isGroup)
            {
                record.Group(group)[0] = _all[i].Mask;
            }

            for (int j = i; j < end; j++)
            {
                if (isGroup)
                {
                    record.Join(group, _all[j].Slot);
                }
                else
                {
                    record.AddSingle(_all[j].Slot, _all[j].Mask);
                }
            }

            group += isGroup ? 1 : 0;
        }

        Debug.Assert(record.NumWords == numWords, "A record has another size than was allocated.");
        Free(old);
    }

    private int EndOfEqualMasks(int start)
    {
        int end = start + 1;
        while (end < _all.Count && _all[end].Mask == _all[start].Mask)
        {
            end++;
        }

        return end;
    }

    private HolderRecord Resize(uint id, int numKept, int numWords)
    {
        ref Run run = ref runs[id];
        uint old = run.Holders;
        int sizeClass = WordPool.ClassOf(numWords);
        if (sizeClass != WordPool.ClassOfHandle(old))
        {
            uint handle = _records.Allocate(sizeClass, id);
            new ReadOnlySpan<ulong>(_records[old], numKept).CopyTo(new Span<ulong>(_records[handle], numKept));
            run.Holders = handle;
            Free(old);
        }

        return Record(run);
    }

    private void Free(uint handle)
    {
        uint moved = _records.Free(handle);
        if (moved != 0)
        {
            runs[moved].Holders = handle;
        }
    }
}
