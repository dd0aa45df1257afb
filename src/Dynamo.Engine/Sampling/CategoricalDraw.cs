using Dynamo.Protocol.Requests;

namespace Dynamo.Engine.Sampling;

/// <summary>Temperature, min-p, top-k and top-p over one row, then one draw by inverting the cumulative distribution in order of token id.</summary>
/// <remarks>
/// Each filter looks only at what the one before left. Tokens that tie with the k-th best all stay, as in vLLM; of those that tie at the
/// edge of the nucleus, the lowest ids stay.
/// </remarks>
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
        VectorMath.ExpWeights(logits, max, 1 / parameters.Temperature, weights);
        bool hasTopK = parameters.TopK > 0 && parameters.TopK < logits.Length;
        bool hasTopP = parameters.TopP < 1;
        if (!hasTopK && !hasTopP && parameters.MinP <= 0)
        {
            return Invert(weights, uniform);
        }

        // The best token has weight 1, so min-p is a weight as it stands. Before the exact filters look, a bound drops nearly all tokens.
        Candidates candidates = scratch.Candidates;
        if (hasTopK || parameters.MinP > 0)
        {
            candidates.Gather(weights, Math.Max(parameters.MinP, hasTopK ? BoundOfTopK(weights, parameters.TopK, scratch) : 0));
            if (hasTopK)
            {
                candidates.KeepTopK(parameters.TopK);
            }

            if (hasTopP)
            {
                candidates.KeepNucleus(parameters.TopP * VectorMath.Sum(candidates.Weights));
            }
        }
        else
        {
            // All weights below the bound sum to less than (1 - p) of the total, so none of them is in the nucleus.
            double total = VectorMath.Sum(weights);
            candidates.Gather(weights, (float)(0.999 * (1 - parameters.TopP) * total / weights.Length));
            candidates.KeepNucleus(parameters.TopP * total);
        }

        return candidates.Id(Invert(candidates.Weights, uniform));
    }

    // Not above the k-th largest weight, and close to it when k is small beside the vocabulary.
    private static float BoundOfTopK(ReadOnlySpan<float> weights, int k, SamplingScratch scratch)
    {
        ReadOnlySpan<float> maxima = scratch.GroupMaxima.AsSpan(0, VectorMath.GroupMaxima(weights, scratch.GroupMaxima));
        return k <= maxima.Length ? WeightThreshold.KthLargest(maxima, k) : 0;
    }

    // The first index at which the running sum passes uniform times the total: whole blocks first, then one by one.
    private static int Invert(ReadOnlySpan<float> weights, double uniform)
    {
        double target = uniform * VectorMath.Sum(weights);
        int last = 0;
        for (int start = 0; start < weights.Length; start += VectorMath.SumBlock)
        {
            ReadOnlySpan<float> block = weights.Slice(start, Math.Min(VectorMath.SumBlock, weights.Length - start));
            double sum = VectorMath.Sum(block);
            if (sum > target)
            {
                return start + InvertBlock(block, target);
            }

            target -= sum;
            last = sum > 0 ? start : last;
        }

        // Rounding used up the whole sum: the number drawn lay at its very end.
        return last + InvertBlock(weights.Slice(last, Math.Min(VectorMath.SumBlock, weights.Length - last)), double.PositiveInfinity);
    }

    // The last index with a weight when the target is not reached: a block's sum and this loop's differ in the last bits.
    private static int InvertBlock(ReadOnlySpan<float> block, double target)
    {
        double sum = 0;
        int last = 0;
        for (int i = 0; i < block.Length && sum <= target; i++)
        {
            if (block[i] > 0)
            {
                sum += block[i];
                last = i;
            }
        }

        return last;
    }
}
