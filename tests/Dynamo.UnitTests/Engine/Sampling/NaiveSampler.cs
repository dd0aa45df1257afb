using Dynamo.Protocol.Requests;

namespace Dynamo.UnitTests.Engine.Sampling;

/// <summary>
/// The sampler as its documentation reads: one step after another, in double, by sorting. Slow and plain on purpose. Where float32 may
/// honestly choose otherwise (a weight within rounding of a filter's edge) it says so.
/// </summary>
internal static class NaiveSampler
{
    // Relative rounding of a float32 weight: two units of the exponential and the rounding of an argument up to 87.
    private const double Rounding = 2e-5;

    /// <summary>Each token's probability.</summary>
    /// <param name="logits">The model's.</param>
    /// <param name="p">Parameters.</param>
    /// <param name="prompt">Prompt tokens.</param>
    /// <param name="output">Output so far.</param>
    /// <param name="isOnAnEdge">A filter's decision lies within rounding.</param>
    public static double[] Probabilities(float[] logits, SamplingParameters p, IReadOnlyList<int> prompt, IReadOnlyList<int> output, out bool isOnAnEdge)
    {
        double[] adjusted = Adjusted(logits, p, prompt, output);
        double max = adjusted.Max();
        if (p.Temperature < 1e-5f)
        {
            int best = Array.IndexOf(adjusted, max);
            isOnAnEdge = adjusted.Any(l => l != max && max - l < Rounding);
            return [.. adjusted.Select((_, i) => i == best ? 1.0 : 0.0)];
        }

        double[] weights = [.. adjusted.Select(l => Math.Exp((l - max) / p.Temperature))];
        isOnAnEdge = KeepMinP(weights, p.MinP) | KeepTopK(weights, p.TopK) | KeepTopP(weights, p.TopP);
        double total = weights.Sum();
        return [.. weights.Select(w => w / total)];
    }

    /// <summary>The token at which the running sum passes the number.</summary>
    /// <param name="probabilities">Each token's.</param>
    /// <param name="uniform">The number.</param>
    /// <param name="isOnAnEdge">It lies within rounding of the border between two tokens.</param>
    public static int Draw(double[] probabilities, double uniform, out bool isOnAnEdge)
    {
        isOnAnEdge = false;
        int drawn = -1;
        double sum = 0;
        for (int i = 0; i < probabilities.Length; i++)
        {
            sum += probabilities[i];
            isOnAnEdge |= probabilities[i] > 0 && Math.Abs(sum - uniform) < 2e-6;
            drawn = drawn < 0 && sum > uniform ? i : drawn;
        }

        return drawn < 0 ? Array.FindLastIndex(probabilities, static x => x > 0) : drawn;
    }

    private static double[] Adjusted(float[] logits, SamplingParameters p, IReadOnlyList<int> prompt, IReadOnlyList<int> output)
    {
        double[] adjusted = [.. logits.Select(static l => (double)l)];
        for (int token = 0; token < adjusted.Length; token++)
        {
            ref double logit = ref adjusted[token];
            bool isStop = p.EosTokenIds.Contains(token) || p.StopTokenIds.Contains(token);
            if ((p.AllowedTokenIds is { } allowed && !allowed.Contains(token)) || (output.Count < p.MinTokens && isStop))
            {
                logit = double.NegativeInfinity;
                continue;
            }

            logit += p.LogitBias.Where(b => b.TokenId == token).Sum(static b => (double)b.Bias);
            int numInOutput = output.Count(t => t == token);
            if (numInOutput > 0 || prompt.Contains(token))
            {
                logit = logit > 0 ? logit / p.RepetitionPenalty : logit * p.RepetitionPenalty;
            }

            logit -= (p.FrequencyPenalty * numInOutput) + (numInOutput > 0 ? p.PresencePenalty : 0);
        }

        return adjusted;
    }

    private static bool KeepMinP(double[] weights, double minP)
    {
        bool isOnAnEdge = minP > 0 && weights.Any(w => w != 1 && Math.Abs(w - minP) < Rounding * minP);
        Drop(weights, w => w < minP);
        return isOnAnEdge;
    }

    private static bool KeepTopK(double[] weights, int topK)
    {
        if (topK == 0 || topK >= weights.Length)
        {
            return false;
        }

        double last = weights.OrderDescending().ElementAt(topK - 1);
        bool isOnAnEdge = weights.Any(w => w != last && Math.Abs(w - last) < Rounding * last);
        Drop(weights, w => w < last);
        return isOnAnEdge;
    }

    private static bool KeepTopP(double[] weights, double topP)
    {
        if (topP >= 1)
        {
            return false;
        }

        double total = weights.Sum();
        double sum = 0;
        bool isOnAnEdge = false;
        foreach (int token in Enumerable.Range(0, weights.Length).OrderByDescending(t => weights[t]).ThenBy(static t => t).ToArray())
        {
            double weight = weights[token];
            if (sum >= topP * total)
            {
                weights[token] = 0;
            }

            sum += weight;
            isOnAnEdge |= weight > 0 && Math.Abs(sum - (topP * total)) < Rounding * total;
        }

        return isOnAnEdge;
    }

    private static void Drop(double[] weights, Func<double, bool> isDropped)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] = isDropped(weights[i]) ? 0 : weights[i];
        }
    }
}
