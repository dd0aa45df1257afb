using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Dynamo.Engine.Sampling;

/// <summary>The few loops over a vocabulary that every token pays for.</summary>
internal static class VectorMath
{
    /// <summary>Largest value; NaN if any value is.</summary>
    public static float Max(ReadOnlySpan<float> values)
    {
        float max = float.NegativeInfinity;
        int i = 0;
        if (values.Length >= Vector512<float>.Count)
        {
            Vector512<float> best = Vector512.Create(float.NegativeInfinity);
            ref float start = ref MemoryMarshal.GetReference(values);
            for (; i <= values.Length - Vector512<float>.Count; i += Vector512<float>.Count)
            {
                best = Vector512.Max(best, Vector512.LoadUnsafe(ref start, (nuint)i));
            }

            for (int lane = 0; lane < Vector512<float>.Count; lane++)
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

    /// <summary>Writes exp((x - max) * scale) for each value and returns the sum, added up in a fixed order.</summary>
    public static double ExpWeights(ReadOnlySpan<float> values, float max, float scale, Span<float> weights)
    {
        // Partial sums of a few thousand terms in float, their sum in double: the order depends on the length alone.
        const int block = 1024;
        double total = 0;
        for (int start = 0; start < values.Length; start += block)
        {
            int length = Math.Min(block, values.Length - start);
            total += ExpBlock(values.Slice(start, length), max, scale, weights.Slice(start, length));
        }

        return total;
    }

    private static double ExpBlock(ReadOnlySpan<float> values, float max, float scale, Span<float> weights)
    {
        Vector512<float> vectorSum = Vector512<float>.Zero;
        Vector512<float> maxes = Vector512.Create(max);
        Vector512<float> scales = Vector512.Create(scale);
        ref float source = ref MemoryMarshal.GetReference(values);
        ref float target = ref MemoryMarshal.GetReference(weights);
        int i = 0;
        for (; i <= values.Length - Vector512<float>.Count; i += Vector512<float>.Count)
        {
            Vector512<float> weight = Vector512.Exp((Vector512.LoadUnsafe(ref source, (nuint)i) - maxes) * scales);
            weight.StoreUnsafe(ref target, (nuint)i);
            vectorSum += weight;
        }

        double sum = 0;
        for (int lane = 0; lane < Vector512<float>.Count; lane++)
        {
            sum += vectorSum[lane];
        }

        for (; i < values.Length; i++)
        {
            // Through the same vector routine, so that a token's weight does not depend on where the row ends.
            weights[i] = Vector512.Exp(Vector512.CreateScalar((values[i] - max) * scale))[0];
            sum += weights[i];
        }

        return sum;
    }
}
