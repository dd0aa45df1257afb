using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dynamo.Routing.Prefixes;

/// <summary>The workers that hold all of a prompt so far, while its runs are walked; a worker that falls out has its depth written.</summary>
internal ref struct ActiveSlots
{
    // So many of a word's slots are written one by one.
    private const int MaxSingly = 8;

    private readonly Span<int> _depths;
    private Span<ulong> _active;
    private Span<ulong> _next;
    private int _lone = -1;

    /// <summary>All slots of <paramref name="depths"/>, at depth 0.</summary>
    /// <param name="depths">What is written.</param>
    /// <param name="words">Room for two bitmaps over them.</param>
    public ActiveSlots(Span<int> depths, Span<ulong> words)
    {
        _depths = depths;
        depths.Clear();
        int half = words.Length / 2;
        _active = words[..half];
        _next = words[half..];
        _active.Fill(ulong.MaxValue);
        if ((depths.Length & 63) != 0)
        {
            _active[^1] = ulong.MaxValue >> (64 - (depths.Length & 63));
        }
    }

    /// <summary>Words that bitmaps over so many slots need, both together.</summary>
    public static int NumWords(int numSlots) => 2 * ((numSlots + 63) / 64);

    /// <summary>Whether nobody is left.</summary>
    public bool IsEmpty { get; private set; }

    /// <summary>Keeps those that hold <paramref name="length"/> positions of a run from <paramref name="offset"/> on.</summary>
    /// <param name="run">The run.</param>
    /// <param name="holders">Who holds it.</param>
    /// <param name="offset">First position.</param>
    /// <param name="length">Positions; all are live.</param>
    /// <param name="depth">Blocks of the prompt before them.</param>
    public void Keep(in Run run, HolderStore holders, int offset, int length, int depth)
    {
        if (_lone >= 0)
        {
            if (run.IsSole && run.SoleSlot == _lone)
            {
                return;
            }

            int held = Run.Length(holders.MaskOf(run, _lone), offset);
            if (held < length)
            {
                _depths[_lone] = depth + held;
                IsEmpty = true;
            }

            return;
        }

        if (!run.IsSole && IsHeldByAll(holders.Record(run), offset, length))
        {
            return;
        }

        _next.Clear();
        if (run.IsSole)
        {
            int slot = run.SoleSlot;
            if (slot < _depths.Length)
            {
                _next[slot >> 6] = _active[slot >> 6] & (1ul << (slot & 63));
            }
        }
        else
        {
            HolderRecord record = holders.Record(run);
            KeepGroups(record, offset, length, depth);
            KeepSingles(record, offset, length, depth);
        }

        Advance(depth);
    }

    /// <summary>Writes the depth of those that are left.</summary>
    public readonly void End(int depth)
    {
        if (_lone >= 0)
        {
            _depths[_lone] = IsEmpty ? _depths[_lone] : depth;
        }
        else if (!IsEmpty && depth > 0)
        {
            for (int word = 0; word < _active.Length; word++)
            {
                Drop(word, _active[word], depth);
            }
        }
    }

    private readonly unsafe bool IsHeldByAll(HolderRecord record, int offset, int length)
    {
        int numBitmapWords = record.NumBitmapWords;
        for (int i = 0; i < record.NumGroups; i++)
        {
            ulong* group = record.Group(i);
            if (Run.Length(group[0], offset) < length)
            {
                continue;
            }

            ulong others = 0;
            for (int word = 0; word < _active.Length; word++)
            {
                others |= _active[word] & ~(word < numBitmapWords ? group[1 + word] : 0);
            }

            if (others == 0)
            {
                return true;
            }
        }

        return false;
    }

    private readonly unsafe void KeepGroups(HolderRecord record, int offset, int length, int depth)
    {
        int numWords = Math.Min(record.NumBitmapWords, _active.Length);
        for (int i = 0; i < record.NumGroups; i++)
        {
            ulong* group = record.Group(i);
            int held = Run.Length(group[0], offset);
            if (held == 0)
            {
                continue;
            }

            for (int word = 0; word < numWords; word++)
            {
                ulong hit = _active[word] & group[1 + word];
                if (held >= length)
                {
                    _next[word] |= hit;
                }
                else
                {
                    _active[word] &= ~hit;
                    Drop(word, hit, depth + held);
                }
            }
        }
    }

    private readonly unsafe void KeepSingles(HolderRecord record, int offset, int length, int depth)
    {
        ulong* single = record.Single(0);
        int count = record.NumSingles;
        for (int i = 0; i < count; i++, single += 2)
        {
            int slot = (int)single[0];
            if (slot >= _depths.Length)
            {
                continue;
            }

            ulong hit = _active[slot >> 6] & (1ul << (slot & 63));
            int held = Run.Length(single[1], offset);
            if (held >= length)
            {
                _next[slot >> 6] |= hit;
            }
            else if (hit != 0 && held > 0)
            {
                _active[slot >> 6] &= ~hit;
                _depths[slot] = depth + held;
            }
        }
    }

    // Those that are in neither the next set nor written already go at this depth.
    private void Advance(int depth)
    {
        int count = 0;
        int last = 0;
        for (int word = 0; word < _active.Length; word++)
        {
            ulong next = _next[word];
            if (depth > 0)
            {
                Drop(word, _active[word] & ~next, depth);
            }

            if (next != 0)
            {
                count += BitOperations.PopCount(next);
                last = (word << 6) + BitOperations.TrailingZeroCount(next);
            }
        }

        Span<ulong> active = _active;
        _active = _next;
        _next = active;
        IsEmpty = count == 0;
        _lone = count == 1 ? last : -1;
    }

    private readonly void Drop(int word, ulong slots, int depth)
    {
        if (BitOperations.PopCount(slots) > MaxSingly && (word << 6) + 64 <= _depths.Length)
        {
            DropMany(_depths.Slice(word << 6, 64), slots, depth);
            return;
        }

        for (; slots != 0; slots &= slots - 1)
        {
            _depths[(word << 6) + BitOperations.TrailingZeroCount(slots)] = depth;
        }
    }

    private static void DropMany(Span<int> depths, ulong slots, int depth)
    {
        Vector512<int> lanes = Vector512.Create(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768);
        Vector512<int> written = Vector512.Create(depth);
        ref int first = ref MemoryMarshal.GetReference(depths);
        for (nuint i = 0; i < (nuint)depths.Length; i += (nuint)Vector512<int>.Count, slots >>= Vector512<int>.Count)
        {
            Vector512<int> chosen = Vector512.Equals(Vector512.Create((int)slots) & lanes, lanes);
            Vector512.ConditionalSelect(chosen, written, Vector512.LoadUnsafe(ref first, i)).StoreUnsafe(ref first, i);
        }
    }
}
