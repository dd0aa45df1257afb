using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Dynamo.Torch.Numerics;

/// <summary>
/// Loads and stores of <see cref="Bf16"/> or <see cref="float"/> elements as float32 vectors, so that each kernel is written once. The
/// compiler makes one version for each type; the tests on the type vanish.
/// </summary>
/// <remarks>
/// Vectors come in pairs of 32 elements. A pair of bfloat16 is one load: its two vectors hold the even and the odd elements, because a
/// shift and a mask are all that needs. A pair of float32 holds the lower and the upper 16. Element-wise work and dot products do not care,
/// as long as both operands are pairs of the same type: float32 rows kept beside (the residual, norm weights, rope tables) are in pair order too.
/// </remarks>
/// <typeparam name="T">The element.</typeparam>
internal static unsafe class Element<T>
    where T : unmanaged
{
    /// <summary>Elements of a pair.</summary>
    public const int PairLength = 32;

    /// <summary>Whether elements are bfloat16.</summary>
    public static bool IsBf16
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(Bf16);
    }

    /// <summary>Reads one element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(T* p) => IsBf16 ? (float)*(Bf16*)p : *(float*)p;

    /// <summary>Writes one element, rounding to the nearest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(T* p, float value)
    {
        if (IsBf16)
        {
            *(Bf16*)p = (Bf16)value;
        }
        else
        {
            *(float*)p = value;
        }
    }

    /// <summary>Reads 32 elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadPair(T* p, out Vector512<float> first, out Vector512<float> second)
    {
        if (IsBf16)
        {
            Vector512<uint> raw = Vector512.Load((uint*)p);
            first = (raw << 16).AsSingle();
            second = (raw & Vector512.Create(0xFFFF0000u)).AsSingle();
        }
        else
        {
            first = Vector512.Load((float*)p);
            second = Vector512.Load((float*)p + 16);
        }
    }

    /// <summary>Writes 32 elements, rounding to the nearest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePair(T* p, Vector512<float> first, Vector512<float> second)
    {
        if (IsBf16)
        {
            ((Rounded(second) & Vector512.Create(0xFFFF0000u)) | (Rounded(first) >> 16)).Store((uint*)p);
        }
        else
        {
            first.Store((float*)p);
            second.Store((float*)p + 16);
        }
    }

    /// <summary>Expands a row to float32: groups of 32 in pair order, what remains in natural order.</summary>
    public static void Expand(T* source, float* target, long length)
    {
        long i = 0;
        for (; i + PairLength <= length; i += PairLength)
        {
            LoadPair(source + i, out Vector512<float> first, out Vector512<float> second);
            first.Store(target + i);
            second.Store(target + i + 16);
        }

        for (; i < length; i++)
        {
            target[i] = Load(source + i);
        }
    }

    /// <summary>Rounds a row back: the inverse of <see cref="Expand"/>.</summary>
    public static void Contract(float* source, T* target, long length)
    {
        long i = 0;
        for (; i + PairLength <= length; i += PairLength)
        {
            StorePair(target + i, Vector512.Load(source + i), Vector512.Load(source + i + 16));
        }

        for (; i < length; i++)
        {
            Store(target + i, source[i]);
        }
    }

    /// <summary>Where <see cref="Expand"/> puts element <paramref name="i"/> of a row of <paramref name="length"/>.</summary>
    public static long ExpandedIndex(long i, long length) => !IsBf16 || i >= (length & -PairLength)
        ? i
        : (i & -PairLength) + ((i & 1) * (PairLength / 2)) + ((i & (PairLength - 1)) / 2);

    // Nearest, ties to even, in the upper half; the lower half is what the caller cuts off.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Rounded(Vector512<float> value)
    {
        Vector512<uint> bits = value.AsUInt32();
        return bits + Vector512.Create(0x7FFFu) + ((bits >> 16) & Vector512.Create(1u));
    }
}
