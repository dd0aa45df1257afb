namespace Dynamo.Engine.Sampling;

/// <summary>
/// Answers "the k-th largest weight" and "the smallest set that holds this much" without sorting a vocabulary: weights are counted by the
/// top bits of their float, and only the one bucket in which the answer lies is sorted.
/// </summary>
internal sealed class WeightHistogram
{
    // Weights lie in [0, 1]: sign 0, exponent at most that of 1. Eight exponent and seven mantissa bits remain.
    private const int Shift = 16;
    private const int NumBuckets = (0x3F800000 >> Shift) + 1;

    private readonly int[] _counts = new int[NumBuckets];
    private readonly double[] _sums = new double[NumBuckets];
    private float[] _bucket = new float[256];

    /// <summary>The <paramref name="k"/>-th largest weight, counting equal ones.</summary>
    /// <returns>0 when fewer than <paramref name="k"/> weights are above 0.</returns>
    public float KthLargest(ReadOnlySpan<float> weights, int k)
    {
        Count(weights, 0);
        int above = 0;
        for (int bucket = NumBuckets - 1; bucket >= 0; bucket--)
        {
            if (above + _counts[bucket] >= k)
            {
                return Sorted(weights, bucket, 0)[k - above - 1];
            }

            above += _counts[bucket];
        }

        return 0;
    }

    /// <summary>The smallest set of the largest weights that sums to at least <paramref name="share"/> of all weights from <paramref name="cut"/> up.</summary>
    /// <returns>The smallest weight of the set, and how many weights equal to it are in.</returns>
    public (float Cut, int NumAtCut) Nucleus(ReadOnlySpan<float> weights, float cut, double share)
    {
        double total = Count(weights, cut);
        double target = share * total;
        double sum = 0;
        for (int bucket = NumBuckets - 1; bucket >= 0; bucket--)
        {
            if (_counts[bucket] == 0)
            {
                continue;
            }

            if (sum + _sums[bucket] < target)
            {
                sum += _sums[bucket];
                continue;
            }

            ReadOnlySpan<float> sorted = Sorted(weights, bucket, cut);
            int numAtCut = 0;
            for (int i = 0; i < sorted.Length; i++)
            {
                numAtCut = i > 0 && sorted[i] == sorted[i - 1] ? numAtCut + 1 : 1;
                sum += sorted[i];
                if (sum >= target || i == sorted.Length - 1)
                {
                    return (sorted[i], numAtCut);
                }
            }
        }

        // Rounding left the target just above the sum of everything: everything is in.
        return (cut, int.MaxValue);
    }

    private double Count(ReadOnlySpan<float> weights, float cut)
    {
        Array.Clear(_counts);
        Array.Clear(_sums);
        double total = 0;
        foreach (float weight in weights)
        {
            if (weight >= cut && weight > 0)
            {
                int bucket = Bucket(weight);
                _counts[bucket]++;
                _sums[bucket] += weight;
                total += weight;
            }
        }

        return total;
    }

    // Largest first.
    private ReadOnlySpan<float> Sorted(ReadOnlySpan<float> weights, int bucket, float cut)
    {
        int size = _counts[bucket];
        if (_bucket.Length < size)
        {
            _bucket = new float[Math.Max(size, 2 * _bucket.Length)];
        }

        int n = 0;
        foreach (float weight in weights)
        {
            if (weight >= cut && weight > 0 && Bucket(weight) == bucket)
            {
                _bucket[n++] = weight;
            }
        }

        Span<float> found = _bucket.AsSpan(0, n);
        found.Sort(static (a, b) => b.CompareTo(a));
        return found;
    }

    private static int Bucket(float weight) => BitConverter.SingleToInt32Bits(weight) >> Shift;
}
