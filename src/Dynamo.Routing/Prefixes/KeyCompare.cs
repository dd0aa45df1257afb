using System.Numerics;
using System.Runtime.Intrinsics;

namespace Dynamo.Routing.Prefixes;

/// <summary>Compares keys side by side.</summary>
internal static unsafe class KeyCompare
{
    /// <summary>How many of <paramref name="count"/> keys are equal from the first on.</summary>
    public static int CommonLength(ulong* a, ulong* b, int count)
    {
        int i = 0;
        for (; i <= count - (2 * Vector512<ulong>.Count); i += 2 * Vector512<ulong>.Count)
        {
            Vector512<ulong> first = Vector512.Load(a + i) ^ Vector512.Load(b + i);
            Vector512<ulong> second = Vector512.Load(a + i + Vector512<ulong>.Count) ^ Vector512.Load(b + i + Vector512<ulong>.Count);
            if ((first | second) != Vector512<ulong>.Zero)
            {
                break;
            }
        }

        for (; i <= count - Vector512<ulong>.Count; i += Vector512<ulong>.Count)
        {
            ulong equal = Vector512.Equals(Vector512.Load(a + i), Vector512.Load(b + i)).ExtractMostSignificantBits();
            if (equal != 0xFF)
            {
                return i + BitOperations.TrailingZeroCount(~equal);
            }
        }

        while (i < count && a[i] == b[i])
        {
            i++;
        }

        return i;
    }

    /// <summary>How many of <paramref name="count"/> keys are equal, those of <paramref name="a"/> from the last on backwards.</summary>
    public static int CommonLengthBackwards(ulong* a, ulong* b, int count)
    {
        int i = 0;
        for (; i <= count - Vector512<ulong>.Count; i += Vector512<ulong>.Count)
        {
            Vector512<ulong> backwards = Vector512.Shuffle(Vector512.Load(a - i - Vector512<ulong>.Count + 1), Vector512.Create(7ul, 6, 5, 4, 3, 2, 1, 0));
            ulong equal = Vector512.Equals(backwards, Vector512.Load(b + i)).ExtractMostSignificantBits();
            if (equal != 0xFF)
            {
                return i + BitOperations.TrailingZeroCount(~equal);
            }
        }

        while (i < count && a[-i] == b[i])
        {
            i++;
        }

        return i;
    }

    /// <summary>A bit for each of up to 64 keys that is the given one.</summary>
    public static ulong Matches(ulong* keys, int count, ulong key)
    {
        ulong matches = 0;
        int i = 0;
        for (; i <= count - Vector512<ulong>.Count; i += Vector512<ulong>.Count)
        {
            matches |= Vector512.Equals(Vector512.Load(keys + i), Vector512.Create(key)).ExtractMostSignificantBits() << i;
        }

        for (; i < count; i++)
        {
            matches |= (keys[i] == key ? 1ul : 0) << i;
        }

        return matches;
    }
}
