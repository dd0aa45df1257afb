namespace Dynamo.Engine.Sampling;

/// <summary>
/// Answers "the k-th largest weight" and "the smallest set that holds this much" without sorting: floats at or above 0 are ordered as their
/// bits are, so a binary search over bits finds the exact weight in at most 31 vectorised passes.
/// </summary>
internal static class WeightThreshold
{
    /// <summary>The <paramref name="k"/>-th largest weight, counting equal ones.</summary>
    /// <param name="weights">Weights, all at least 0.</param>
    /// <param name="k">From 1 to their number.</param>
    public static float KthLargest(ReadOnlySpan<float> weights, int k)
    {
        (int low, int high) = (0, AboveAll(weights));
        while (high - low > 1)
        {
            int middle = low + ((high - low) >> 1);
            if (VectorMath.CountAtLeast(weights, BitConverter.Int32BitsToSingle(middle)) >= k)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return BitConverter.Int32BitsToSingle(low);
    }

    /// <summary>The smallest set of the largest weights that sums to at least <paramref name="target"/>.</summary>
    /// <param name="weights">Weights, all at least 0.</param>
    /// <param name="target">At most their sum.</param>
    /// <returns>The smallest weight of the set, and how many of the weights equal to it are in.</returns>
    public static (float Cut, int NumAtCut) Nucleus(ReadOnlySpan<float> weights, double target)
    {
        (int low, int high) = (0, AboveAll(weights));
        double sumAbove = 0;
        while (high - low > 1)
        {
            int middle = low + ((high - low) >> 1);
            double sum = VectorMath.SumAtLeast(weights, BitConverter.Int32BitsToSingle(middle));
            if (sum >= target)
            {
                low = middle;
            }
            else
            {
                high = middle;
                sumAbove = sum;
            }
        }

        float cut = BitConverter.Int32BitsToSingle(low);
        return cut == 0 ? (0, int.MaxValue) : (cut, (int)Math.Max(1, Math.Ceiling((target - sumAbove) / cut)));
    }

    private static int AboveAll(ReadOnlySpan<float> weights) => BitConverter.SingleToInt32Bits(VectorMath.Max(weights)) + 1;
}
