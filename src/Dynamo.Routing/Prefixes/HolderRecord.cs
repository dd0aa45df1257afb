using System.Diagnostics;
using System.Numerics;

namespace Dynamo.Routing.Prefixes;

/// <summary>
/// Who holds which positions of a run that has several holders, as a view of words. Holders of the very same positions form a group: a mask and a
/// bitmap over slots. All others are singles: a slot and a mask. Each slot stands in one place and has at least one position.
/// </summary>
/// <remarks>Layout: a header of four 16-bit counts; each group its mask, then its bitmap; each single its slot, then its mask.</remarks>
/// <param name="words">Where it lies.</param>
internal readonly unsafe struct HolderRecord(ulong* words)
{
    private readonly ushort* _counts = (ushort*)words;

    /// <summary>Words of a group's bitmap.</summary>
    public int NumBitmapWords { get => _counts[0]; set => SetCount(0, value); }

    /// <summary>Groups.</summary>
    public int NumGroups { get => _counts[1]; set => SetCount(1, value); }

    /// <summary>Singles.</summary>
    public int NumSingles { get => _counts[2]; set => SetCount(2, value); }

    /// <summary>Singles that were left when groups were last sought.</summary>
    public int NumUngrouped { get => _counts[3]; set => SetCount(3, value); }

    /// <summary>Words in all.</summary>
    public int NumWords => Size(NumBitmapWords, NumGroups, NumSingles);

    /// <summary>Words of a record.</summary>
    public static int Size(int bitmapWords, int groups, int singles) => 1 + (groups * (1 + bitmapWords)) + (2 * singles);

    /// <summary>Holders that are worth a group: a single costs two words, a group its bitmap and a mask.</summary>
    public static int MinGroup(int bitmapWords) => 3 + (bitmapWords / 2);

    /// <summary>A group: its mask, then its bitmap.</summary>
    public ulong* Group(int index)
    {
        // The one behind the last is where the next begins.
        Debug.Assert((uint)index <= NumGroups, "There is no such group.");
        return words + 1 + (index * (1 + NumBitmapWords));
    }

    /// <summary>A single: its slot, then its mask.</summary>
    public ulong* Single(int index)
    {
        Debug.Assert((uint)index <= NumSingles, "There is no such single.");
        return Group(NumGroups) + (2 * index);
    }

    /// <summary>The group a slot stands in, or -1.</summary>
    public int GroupOf(int slot)
    {
        int word = slot >> 6;
        if (word < NumBitmapWords)
        {
            for (int i = 0; i < NumGroups; i++)
            {
                if ((Group(i)[1 + word] >> (slot & 63) & 1) != 0)
                {
                    return i;
                }
            }
        }

        return -1;
    }

    /// <summary>Where a slot stands as a single, or -1.</summary>
    public int SingleOf(int slot)
    {
        ulong* single = Single(0);
        int count = NumSingles;
        for (int i = 0; i < count; i++)
        {
            if (single[2 * i] == (ulong)slot)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>The group of this mask that has room for a slot, or -1.</summary>
    public int GroupFor(ulong mask, int slot)
    {
        for (int i = 0; i < NumGroups; i++)
        {
            if (Group(i)[0] == mask)
            {
                return slot >> 6 < NumBitmapWords ? i : -1;
            }
        }

        return -1;
    }

    /// <summary>Positions of a slot.</summary>
    public ulong MaskOf(int slot)
    {
        int group = GroupOf(slot);
        if (group >= 0)
        {
            return Group(group)[0];
        }

        int single = SingleOf(slot);
        return single >= 0 ? Single(single)[1] : 0;
    }

    /// <summary>Positions that anybody holds.</summary>
    public ulong Union()
    {
        ulong union = 0;
        for (int i = 0; i < NumGroups; i++)
        {
            union |= Group(i)[0];
        }

        ulong* single = Single(0);
        int count = NumSingles;
        for (int i = 0; i < count; i++)
        {
            union |= single[(2 * i) + 1];
        }

        return union;
    }

    /// <summary>Puts a slot into a group.</summary>
    public void Join(int group, int slot)
    {
        Debug.Assert(group < NumGroups && slot >> 6 < NumBitmapWords, "The group has no room for the slot.");
        Group(group)[1 + (slot >> 6)] |= 1ul << (slot & 63);
    }

    /// <summary>Takes a slot out of its group. When few are left the group goes and they become singles, for which its words are room enough.</summary>
    public void Leave(int group, int slot)
    {
        ulong* bitmap = Group(group) + 1;
        bitmap[slot >> 6] &= ~(1ul << (slot & 63));
        int bitmapWords = NumBitmapWords;
        int numLeft = 0;
        for (int i = 0; i < bitmapWords; i++)
        {
            numLeft += BitOperations.PopCount(bitmap[i]);
        }

        if (4 * numLeft > 1 + bitmapWords)
        {
            return;
        }

        Span<int> left = stackalloc int[numLeft];
        for (int i = 0, n = 0; i < bitmapWords; i++)
        {
            for (ulong slots = bitmap[i]; slots != 0; slots &= slots - 1)
            {
                left[n++] = (i << 6) + BitOperations.TrailingZeroCount(slots);
            }
        }

        ulong mask = Group(group)[0];
        ulong* end = words + NumWords;
        ulong* next = Group(group + 1);
        new ReadOnlySpan<ulong>(next, (int)(end - next)).CopyTo(new Span<ulong>(Group(group), (int)(end - next)));
        NumGroups--;
        foreach (int single in left)
        {
            AddSingle(single, mask);
        }
    }

    /// <summary>Adds a single; there is room.</summary>
    public void AddSingle(int slot, ulong mask)
    {
        ulong* single = Single(NumSingles++);
        single[0] = (ulong)slot;
        single[1] = mask;
    }

    /// <summary>Removes a single; the last takes its place.</summary>
    public void RemoveSingle(int index)
    {
        Debug.Assert(index < NumSingles, "There is no such single.");
        ulong* last = Single(--NumSingles);
        ulong* single = Single(index);
        single[0] = last[0];
        single[1] = last[1];
    }

    private void SetCount(int index, int value)
    {
        Debug.Assert((uint)value <= ushort.MaxValue, "A count has 16 bits.");
        _counts[index] = (ushort)value;
    }
}
