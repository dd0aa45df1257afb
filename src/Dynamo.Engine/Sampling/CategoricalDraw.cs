using Dynamo.Protocol.Requests;

namespace Dynamo.Engine.Sampling;

/// <summary>Temperature, min-p, top-k and top-p over one row, then one draw by inverting the cumulative distribution in order of token id.</summary>
internal static class CategoricalDraw
{
    /// <summary>Draws a token.</summary>
    /// <param name="logits">One row, [vocabulary], after masks and penalties.</param>
    /// <param name="max">Its finite maximum.</param>
    /// <param name="parameters">Temperature above 0.</param>
    /// <param name="uniform">The random number, in [0, 1).</param>
    /// <param name="scratch">Buffers.</param>
    public static int Draw(ReadOnlySpan<float> logits, float max, SamplingParameters parameters, double uniform, SamplingScratch scratch)
    {
        Span<float> weights = scratch.Weights.AsSpan(0, logits.Length);
        double total = VectorMath.ExpWeights(logits, max, 1 / parameters.Temperature, weights);

        // The best token has weight 1, so min-p is a weight as it stands; each later filter looks only at what the earlier left.
        float cut = parameters.MinP;
        int numAtCut = int.MaxValue;
        if (parameters.TopK > 0 && parameters.TopK < logits.Length)
        {
            cut = Math.Max(cut, scratch.Histogram.KthLargest(weights, parameters.TopK));
        }

        if (parameters.TopP < 1)
        {
            (cut, numAtCut) = scratch.Histogram.Nucleus(weights, cut, parameters.TopP);
        }

        if (cut > 0)
        {
            total = Filter(weights, cut, numAtCut);
        }

        return Invert(weights, uniform * total);
    }

    // Zeroes what is out and returns the sum of what is in. Of equal weights at the cut, the lowest ids stay.
    private static double Filter(Span<float> weights, float cut, int numAtCut)
    {
        double total = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            float weight = weights[i];
            if (weight > cut || (weight == cut && numAtCut-- > 0))
            {
                total += weight;
            }
            else
            {
                weights[i] = 0;
            }
        }

        return total;
    }

    private static int Invert(ReadOnlySpan<float> weights, double target)
    {
        double sum = 0;
        int last = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            if (weights[i] > 0)
            {
                sum += weights[i];
                last = i;
                if (sum > target)
                {
                    return i;
                }
            }
        }

        // Rounding: the sums of both loops differ in the last bits, and the number drawn lay between them.
        return last;
    }
}
