using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dynamo.Engine.Sampling;

/// <summary>
/// The few loops over a vocabulary that every token pays for. Sums are added up in an order that depends on the length alone, so that equal
/// rows give equal bits.
/// </summary>
internal static class VectorMath
{
    /// <summary>Elements whose float32 lane sums are added up in double: few enough that rounding stays far below one draw in a million.</summary>
    public const int SumBlock = 1024;

    private static int Lanes => Vector512<float>.Count;

    /// <summary>Largest value; NaN if any value is, negative infinity if there is none.</summary>
    public static float Max(ReadOnlySpan<float> values)
    {
        float max = float.NegativeInfinity;
        int i = 0;
        if (values.Length >= Lanes)
        {
            Vector512<float> best = Vector512.Create(float.NegativeInfinity);
            ref float start = ref MemoryMarshal.GetReference(values);
            for (; i <= values.Length - Lanes; i += Lanes)
            {
                best = Vector512.Max(best, Vector512.LoadUnsafe(ref start, (nuint)i));
            }

            for (int lane = 0; lane < Lanes; lane++)
            {
                max = MathF.Max(max, best[lane]);
            }
        }

        for (; i < values.Length; i++)
        {
            max = MathF.Max(max, values[i]);
        }

        return max;
    }

    /// <summary>Writes exp((x - max) * scale) for each value.</summary>
    public static void ExpWeights(ReadOnlySpan<float> values, float max, float scale, Span<float> weights)
    {
        Vector512<float> maxes = Vector512.Create(max);
        Vector512<float> scales = Vector512.Create(scale);
        ref float source = ref MemoryMarshal.GetReference(values);
        ref float target = ref MemoryMarshal.GetReference(weights[..values.Length]);
        int i = 0;
        for (; i <= values.Length - Lanes; i += Lanes)
        {
            VectorExp.Exp((Vector512.LoadUnsafe(ref source, (nuint)i) - maxes) * scales).StoreUnsafe(ref target, (nuint)i);
        }

        for (; i < values.Length; i++)
        {
            weights[i] = VectorExp.Exp((values[i] - max) * scale);
        }
    }

    /// <summary>Sum of exp(x - max): each exponential in float32, added up in double.</summary>
    public static double SumExp(ReadOnlySpan<float> values, float max)
    {
        Vector512<float> maxes = Vector512.Create(max);
        Vector512<double> sum = Vector512<double>.Zero;
        ref float source = ref MemoryMarshal.GetReference(values);
        int i = 0;
        for (; i <= values.Length - Lanes; i += Lanes)
        {
            (Vector512<double> low, Vector512<double> high) = Vector512.Widen(VectorExp.Exp(Vector512.LoadUnsafe(ref source, (nuint)i) - maxes));
            sum += low + high;
        }

        double total = Vector512.Sum(sum);
        for (; i < values.Length; i++)
        {
            total += VectorExp.Exp(values[i] - max);
        }

        return total;
    }

    /// <summary>Index of the first value equal to <paramref name="value"/>, or -1.</summary>
    public static int IndexOf(ReadOnlySpan<float> values, float value)
    {
        Vector512<float> wanted = Vector512.Create(value);
        ref float source = ref MemoryMarshal.GetReference(values);
        int i = 0;
        for (; i <= values.Length - Lanes; i += Lanes)
        {
            ulong bits = Vector512.Equals(Vector512.LoadUnsafe(ref source, (nuint)i), wanted).ExtractMostSignificantBits();
            if (bits != 0)
            {
                return i + BitOperations.TrailingZeroCount(bits);
            }
        }

        int rest = values[i..].IndexOf(value);
        return rest < 0 ? -1 : i + rest;
    }

    /// <summary>How many values are at least <paramref name="threshold"/>.</summary>
    public static int CountAtLeast(ReadOnlySpan<float> values, float threshold)
    {
        Vector512<float> thresholds = Vector512.Create(threshold);
        Vector512<int> counts = Vector512<int>.Zero;
        ref float source = ref MemoryMarshal.GetReference(values);
        int i = 0;
        for (; i <= values.Length - Lanes; i += Lanes)
        {
            // A true lane is all ones, which is -1.
            counts -= Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref source, (nuint)i), thresholds).AsInt32();
        }

        int count = Vector512.Sum(counts);
        for (; i < values.Length; i++)
        {
            count += values[i] >= threshold ? 1 : 0;
        }

        return count;
    }

    /// <summary>Sum of all values, which are at least 0.</summary>
    public static double Sum(ReadOnlySpan<float> values) => SumAtLeast(values, 0);

    /// <summary>Sum of the values that are at least <paramref name="threshold"/>.</summary>
    public static double SumAtLeast(ReadOnlySpan<float> values, float threshold)
    {
        double total = 0;
        for (int start = 0; start < values.Length; start += SumBlock)
        {
            total += SumOfBlock(values.Slice(start, Math.Min(SumBlock, values.Length - start)), threshold);
        }

        return total;
    }

    /// <summary>Cuts the values into groups and writes the largest of each; 16 values make a group, fewer at the end.</summary>
    /// <returns>Groups written. The k-th largest of them is at most the k-th largest value.</returns>
    public static int GroupMaxima(ReadOnlySpan<float> values, Span<float> maxima)
    {
        // A group is one lane of 16 consecutive vectors, which needs no shuffles.
        int stride = Lanes * Lanes;
        ref float source = ref MemoryMarshal.GetReference(values);
        int numGroups = 0;
        int i = 0;
        for (; i <= values.Length - stride; i += stride)
        {
            Vector512<float> best = Vector512.LoadUnsafe(ref source, (nuint)i);
            for (int j = i + Lanes; j < i + stride; j += Lanes)
            {
                best = Vector512.Max(best, Vector512.LoadUnsafe(ref source, (nuint)j));
            }

            best.CopyTo(maxima[numGroups..]);
            numGroups += Lanes;
        }

        for (; i < values.Length; i += Lanes)
        {
            maxima[numGroups++] = Max(values.Slice(i, Math.Min(Lanes, values.Length - i)));
        }

        return numGroups;
    }

    /// <summary>Copies the values that are at least <paramref name="threshold"/>, and their indices, in order.</summary>
    /// <returns>Values copied.</returns>
    public static int Gather(ReadOnlySpan<float> values, float threshold, Span<int> indices, Span<float> gathered)
    {
        Vector512<float> thresholds = Vector512.Create(threshold);
        ref float source = ref MemoryMarshal.GetReference(values);
        int count = 0;
        int i = 0;
        for (; i <= values.Length - Lanes; i += Lanes)
        {
            Vector512<float> passes = Vector512.GreaterThanOrEqual(Vector512.LoadUnsafe(ref source, (nuint)i), thresholds);
            for (ulong bits = passes.ExtractMostSignificantBits(); bits != 0; bits &= bits - 1)
            {
                int index = i + BitOperations.TrailingZeroCount(bits);
                indices[count] = index;
                gathered[count++] = values[index];
            }
        }

        for (; i < values.Length; i++)
        {
            if (values[i] >= threshold)
            {
                indices[count] = i;
                gathered[count++] = values[i];
            }
        }

        return count;
    }

    private static double SumOfBlock(ReadOnlySpan<float> values, float threshold)
    {
        Vector512<float> thresholds = Vector512.Create(threshold);
        Vector512<float> sums = Vector512<float>.Zero;
        ref float source = ref MemoryMarshal.GetReference(values);
        int i = 0;
        for (; i <= values.Length - Lanes; i += Lanes)
        {
            Vector512<float> lane = Vector512.LoadUnsafe(ref source, (nuint)i);
            sums += lane & Vector512.GreaterThanOrEqual(lane, thresholds);
        }

        double total = 0;
        for (int lane = 0; lane < Lanes; lane++)
        {
            total += sums[lane];
        }

        for (; i < values.Length; i++)
        {
            total += values[i] >= threshold ? values[i] : 0;
        }

        return total;
    }
}
