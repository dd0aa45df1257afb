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
}
