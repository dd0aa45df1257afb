using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dynamo.Routing.Prefixes;

/// <summary>Eight ascending entries in one cache line of a <see cref="KeyTable"/>; places behind the last one are <see cref="Empty"/>.</summary>
internal static unsafe class EntryLine
{
    /// <summary>Entries of a line.</summary>
    public const int Length = 8;

    /// <summary>No entry; above all entries.</summary>
    public const ulong Empty = ulong.MaxValue;

    /// <summary>How many entries of a line are below a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CountBelow(ulong* line, ulong value)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            ulong below = Vector512.LessThan(Vector512.LoadAligned(line), Vector512.Create(value)).ExtractMostSignificantBits();
            return BitOperations.PopCount(below);
        }

        int count = 0;
        while (count < Length && line[count] < value)
        {
            count++;
        }

        return count;
    }

    /// <summary>Inserts an entry; the last one falls out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Insert(ulong* line, int place, ulong entry)
    {
        Debug.Assert((uint)place < Length, "A line has no such place.");
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<ulong> lanes = Vector512<ulong>.Indices;
            Vector512<ulong> at = Vector512.Create((ulong)place);
            Vector512<ulong> old = Vector512.LoadAligned(line);
            Vector512<ulong> moved = Vector512.Shuffle(old, Vector512.Create(0ul, 0, 1, 2, 3, 4, 5, 6));
            moved = Vector512.ConditionalSelect(Vector512.LessThan(lanes, at), old, moved);
            Vector512.ConditionalSelect(Vector512.Equals(lanes, at), Vector512.Create(entry), moved).StoreAligned(line);
            return;
        }

        for (int i = Length - 1; i > place; i--)
        {
            line[i] = line[i - 1];
        }

        line[place] = entry;
    }

    /// <summary>Removes an entry; another comes in at the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Remove(ulong* line, int place, ulong last)
    {
        Debug.Assert((uint)place < Length, "A line has no such place.");
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<ulong> old = Vector512.LoadAligned(line);
            Vector512<ulong> moved = Vector512.Shuffle(old, Vector512.Create(1ul, 2, 3, 4, 5, 6, 7, 7));
            moved = Vector512.ConditionalSelect(Vector512.LessThan(Vector512<ulong>.Indices, Vector512.Create((ulong)place)), old, moved);
            moved.StoreAligned(line);
        }
        else
        {
            for (int i = place; i < Length - 1; i++)
            {
                line[i] = line[i + 1];
            }
        }

        line[Length - 1] = last;
    }
}
