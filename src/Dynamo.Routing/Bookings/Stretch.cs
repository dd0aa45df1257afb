namespace Dynamo.Routing.Bookings;

/// <summary>Consecutive blocks of a prompt, and at which workers how many requests hold them all. Not thread-safe.</summary>
internal sealed class Stretch
{
    private readonly ulong[] _prompt;
    private readonly int _start;
    private int[] _slots;
    private int[] _counts;
    private int _numSlots;

    /// <summary>Nobody holds it.</summary>
    public Stretch(ulong[] prompt, int start, int length, long end)
        : this(prompt, start, length, end, new int[1], new int[1], 0)
    {
    }

    private Stretch(ulong[] prompt, int start, int length, long end, int[] slots, int[] counts, int numSlots) =>
        (_prompt, _start, Length, End, _slots, _counts, _numSlots) = (prompt, start, length, end, slots, counts, numSlots);

    /// <summary>Blocks.</summary>
    public int Length { get; private set; }

    /// <summary>Names the place behind its last block.</summary>
    public long End { get; private set; }

    /// <summary>Its first block.</summary>
    public ulong FirstKey => _prompt[_start];

    /// <summary>Whether nobody holds it.</summary>
    public bool IsFree => _numSlots == 0;

    /// <summary>Workers with requests that hold it, in any order.</summary>
    public ReadOnlySpan<int> Slots => _slots.AsSpan(0, _numSlots);

    /// <summary>How many blocks agree with a prompt from a place on.</summary>
    public int CommonLength(ReadOnlySpan<ulong> prompt, int at) => _prompt.AsSpan(_start, Length).CommonPrefixLength(prompt[at..]);

    /// <summary>Whether a request of a worker holds it.</summary>
    public bool IsHeldBy(int slot) => Slots.Contains(slot);

    /// <summary>One more request of a worker holds it.</summary>
    /// <returns>Whether it is the only one there.</returns>
    public bool Join(int slot)
    {
        int index = Slots.IndexOf(slot);
        if (index >= 0)
        {
            _counts[index]++;
            return false;
        }

        if (_numSlots == _slots.Length)
        {
            Array.Resize(ref _slots, 2 * _numSlots);
            Array.Resize(ref _counts, 2 * _numSlots);
        }

        (_slots[_numSlots], _counts[_numSlots]) = (slot, 1);
        _numSlots++;
        return true;
    }

    /// <summary>One fewer.</summary>
    /// <returns>Whether it was the last one there.</returns>
    public bool Leave(int slot)
    {
        int index = Slots.IndexOf(slot);
        if (--_counts[index] > 0)
        {
            return false;
        }

        _numSlots--;
        (_slots[index], _counts[index]) = (_slots[_numSlots], _counts[_numSlots]);
        return true;
    }

    /// <summary>Keeps the first blocks.</summary>
    /// <param name="length">How many.</param>
    /// <param name="end">Names the place behind them.</param>
    /// <returns>The others, held by the same requests; they end where this one did.</returns>
    public Stretch Part(int length, long end)
    {
        Stretch rest = new(_prompt, _start + length, Length - length, End, (int[])_slots.Clone(), (int[])_counts.Clone(), _numSlots);
        (Length, End) = (length, end);
        return rest;
    }
}
