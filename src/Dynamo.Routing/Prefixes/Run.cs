using System.Numerics;
using System.Runtime.InteropServices;

namespace Dynamo.Routing.Prefixes;

/// <summary>Up to 64 block keys side by side. A position whose last holder is gone is dead until it is refilled or squeezed out; the last is never dead.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Run
{
    /// <summary>Positions of a run: one bit of a mask each.</summary>
    public const int MaxKeys = 64;

    /// <summary>A bit for each position that somebody holds; 0 in a run that is free.</summary>
    public ulong Live;

    /// <summary>Of the live positions, a bit for each that has an entry in the <see cref="KeyTable"/>; <see cref="BlockFinder"/> says which must.</summary>
    public ulong Listed;

    /// <summary>Handle of the keys. In a free run the next free one.</summary>
    public uint Keys;

    /// <summary>The only holder, of all live positions, or the handle of the <see cref="HolderRecord"/>.</summary>
    public uint Holders;

    /// <summary>Where a sequence went on last after this run, as its beginning, or 0: a guess that spares the look into the table if the key is there.</summary>
    public uint Next;

    /// <summary>Its place in one of <see cref="SparseRunLists"/>, counted from 1; 0 if it is in none.</summary>
    public uint Place;

    /// <summary>Positions in use, dead ones between live ones included.</summary>
    public readonly int Count => MaxKeys - BitOperations.LeadingZeroCount(Live);

    /// <summary>The last position in use.</summary>
    public readonly int Last => Count - 1;

    /// <summary>Whether there is a single holder.</summary>
    public readonly bool IsSole => Holders >= Sole(0);

    /// <summary>The single holder.</summary>
    public readonly int SoleSlot => (int)(Holders - Sole(0));

    /// <summary>What <see cref="Holders"/> is for a single holder: above all handles.</summary>
    public static uint Sole(int slot) => ((uint)WordPool.NumClasses << 27) + (uint)slot;

    /// <summary>A mask of <paramref name="count"/> positions, 1 to 64, from one on.</summary>
    public static ulong Bits(int offset, int count) => (ulong.MaxValue >> (MaxKeys - count)) << offset;

    /// <summary>The first position of a mask that is not 0.</summary>
    public static int FirstOf(ulong mask) => BitOperations.TrailingZeroCount(mask);

    /// <summary>A mask of the last position of a mask; 0 of 0.</summary>
    public static ulong LastOf(ulong mask) => mask & ~(ulong.MaxValue >> 1 >> BitOperations.LeadingZeroCount(mask));

    /// <summary>A mask of those positions of a mask that are not followed by another of it.</summary>
    public static ulong EndsOf(ulong mask) => mask & ~(mask >> 1);

    /// <summary>How many positions from one on are in a mask without a gap.</summary>
    public static int Length(ulong mask, int offset) => BitOperations.TrailingZeroCount(~(mask >> offset));
}
