using System.Numerics;
using System.Runtime.InteropServices;
using Dynamo.Routing.Prefixes;

namespace Dynamo.Simulation;

/// <summary>An exact prefix index for the few workers of a simulation: for each block a set of holders, 64 workers a map. Not thread-safe.</summary>
internal sealed class HolderIndex : IPrefixIndex
{
    private const int Group = 64;

    private readonly List<Dictionary<ulong, ulong>> _groups = [];
    private readonly List<long> _counts = [];

    public void Stored(int slot, ulong? parent, ReadOnlySpan<ulong> blocks)
    {
        Dictionary<ulong, ulong> holders = GroupOf(slot);
        ulong bit = 1UL << (slot % Group);
        foreach (ulong block in blocks)
        {
            ref ulong set = ref CollectionsMarshal.GetValueRefOrAddDefault(holders, block, out _);
            _counts[slot] += (set & bit) == 0 ? 1 : 0;
            set |= bit;
        }
    }

    public int Removed(int slot, ReadOnlySpan<ulong> blocks)
    {
        Dictionary<ulong, ulong> holders = GroupOf(slot);
        ulong bit = 1UL << (slot % Group);
        int removed = 0;
        foreach (ulong block in blocks)
        {
            if (holders.TryGetValue(block, out ulong set) && (set & bit) != 0)
            {
                removed++;
                if (set == bit)
                {
                    holders.Remove(block);
                }
                else
                {
                    holders[block] = set & ~bit;
                }
            }
        }

        _counts[slot] -= removed;
        return removed;
    }

    public void Cleared(int slot)
    {
        Dictionary<ulong, ulong> holders = GroupOf(slot);
        ulong bit = 1UL << (slot % Group);
        foreach (ulong block in holders.Where(entry => (entry.Value & bit) != 0).Select(static entry => entry.Key).ToArray())
        {
            Removed(slot, [block]);
        }
    }

    public void Match(ReadOnlySpan<ulong> prompt, Span<int> depths)
    {
        for (int first = 0; first < depths.Length; first += Group)
        {
            int count = Math.Min(Group, depths.Length - first);
            MatchGroup(GroupOf(first), prompt, depths.Slice(first, count));
        }
    }

    public long NumBlocks(int slot) => slot < _counts.Count ? _counts[slot] : 0;

    private static void MatchGroup(Dictionary<ulong, ulong> holders, ReadOnlySpan<ulong> prompt, Span<int> depths)
    {
        ulong left = depths.Length == Group ? ulong.MaxValue : (1UL << depths.Length) - 1;
        int depth = 0;
        for (; depth < prompt.Length && left != 0; depth++)
        {
            holders.TryGetValue(prompt[depth], out ulong set);
            ulong lost = left & ~set;
            left &= set;
            for (; lost != 0; lost &= lost - 1)
            {
                depths[BitOperations.TrailingZeroCount(lost)] = depth;
            }
        }

        for (; left != 0; left &= left - 1)
        {
            depths[BitOperations.TrailingZeroCount(left)] = depth;
        }
    }

    private Dictionary<ulong, ulong> GroupOf(int slot)
    {
        while (_groups.Count <= slot / Group)
        {
            _groups.Add([]);
        }

        while (_counts.Count <= slot)
        {
            _counts.Add(0);
        }

        return _groups[slot / Group];
    }
}
