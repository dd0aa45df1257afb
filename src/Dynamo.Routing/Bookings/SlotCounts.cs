using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dynamo.Routing.Bookings;

/// <summary>Counts by slot, most of them 0. A list while they are few; many, as of a head that all prompts share, in an array over all slots. Not thread-safe.</summary>
internal struct SlotCounts
{
    // From so many on an array over all slots is worth its memory, if at least one of so many slots is in it. It stays one when they become fewer.
    private const int MinMany = 32;
    private const int MaxSlotsForEach = 8;

    // The slots that are not 0, in any order; null when counts are by slot.
    private int[]? _slots = new int[1];
    private int[] _counts = new int[1];

    /// <summary>All are 0.</summary>
    public SlotCounts()
    {
    }

    /// <summary>Slots that are not 0.</summary>
    public int NumSlots { get; private set; } = 0;

    /// <summary>The same counts, from now on apart from these.</summary>
    public readonly SlotCounts Copy() => this with { _slots = (int[]?)_slots?.Clone(), _counts = (int[])_counts.Clone() };

    /// <summary>Whether a slot is not 0.</summary>
    public readonly bool Has(int slot) => _slots is { } slots ? slots.AsSpan(0, NumSlots).Contains(slot) : slot < _counts.Length && _counts[slot] > 0;

    /// <summary>Adds 1.</summary>
    /// <returns>Whether the slot was 0.</returns>
    public bool Add(int slot)
    {
        int index = IndexOf(slot);
        if (index >= 0 && _counts[index]++ > 0)
        {
            return false;
        }

        if (index < 0)
        {
            Append(slot);
        }

        NumSlots++;
        return true;
    }

    /// <summary>Takes 1 from a slot that is not 0.</summary>
    /// <returns>Whether it is 0 now.</returns>
    public bool Take(int slot)
    {
        int index = IndexOf(slot);
        if (--_counts[index] > 0)
        {
            return false;
        }

        NumSlots--;
        if (_slots is not null)
        {
            (_slots[index], _counts[index]) = (_slots[NumSlots], _counts[NumSlots]);
        }

        return true;
    }

    /// <summary>Writes a value for all slots that are not 0.</summary>
    /// <param name="values">By slot; reaches beyond all that are not 0.</param>
    /// <param name="value">What is written.</param>
    public readonly void Write(Span<int> values, int value)
    {
        if (_slots is not null)
        {
            foreach (int slot in _slots.AsSpan(0, NumSlots))
            {
                values[slot] = value;
            }

            return;
        }

        int length = Math.Min(values.Length, _counts.Length);
        ReadOnlySpan<Vector512<int>> counts = MemoryMarshal.Cast<int, Vector512<int>>(_counts.AsSpan(0, length));
        Span<Vector512<int>> vectors = MemoryMarshal.Cast<int, Vector512<int>>(values[..length]);
        Vector512<int> written = Vector512.Create(value);
        for (int i = 0; i < vectors.Length; i++)
        {
            vectors[i] = Vector512.ConditionalSelect(Vector512.Equals(counts[i], Vector512<int>.Zero), vectors[i], written);
        }

        for (int slot = vectors.Length * Vector512<int>.Count; slot < length; slot++)
        {
            values[slot] = _counts[slot] > 0 ? value : values[slot];
        }
    }

    // Where a slot's count is, or -1.
    private readonly int IndexOf(int slot) => _slots is { } slots ? slots.AsSpan(0, NumSlots).IndexOf(slot) : slot < _counts.Length ? slot : -1;

    private void Append(int slot)
    {
        if (_slots is null)
        {
            Array.Resize(ref _counts, Math.Max(2 * _counts.Length, slot + 1));
            _counts[slot] = 1;
            return;
        }

        if (NumSlots == _slots.Length)
        {
            int highest = Math.Max(slot, _slots.Max());
            if (NumSlots >= MinMany && highest < MaxSlotsForEach * NumSlots)
            {
                Spread(highest + 1);
                _counts[slot] = 1;
                return;
            }

            Array.Resize(ref _slots, 2 * NumSlots);
            Array.Resize(ref _counts, 2 * NumSlots);
        }

        (_slots[NumSlots], _counts[NumSlots]) = (slot, 1);
    }

    private void Spread(int length)
    {
        int[] counts = new int[length];
        for (int i = 0; i < NumSlots; i++)
        {
            counts[_slots![i]] = _counts[i];
        }

        (_slots, _counts) = (null, counts);
    }
}
