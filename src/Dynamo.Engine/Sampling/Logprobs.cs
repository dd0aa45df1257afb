using Dynamo.Protocol.Frames;

namespace Dynamo.Engine.Sampling;

/// <summary>Log-probabilities of one row: log-softmax in double over float32 logits.</summary>
internal static class Logprobs
{
    /// <summary>The chosen token's and the best ones'.</summary>
    /// <param name="logits">Untouched logits, [vocabulary].</param>
    /// <param name="max">Their finite maximum.</param>
    /// <param name="token">The chosen token.</param>
    /// <param name="numTop">How many of the best to give.</param>
    public static TokenLogprobs Of(ReadOnlySpan<float> logits, float max, int token, int numTop)
    {
        double sum = 0;
        foreach (float logit in logits)
        {
            sum += Math.Exp(logit - (double)max);
        }

        double logSum = max + Math.Log(sum);
        TokenLogprob[] top = new TokenLogprob[Math.Min(numTop, logits.Length)];
        int count = 0;
        for (int i = 0; i < logits.Length && top.Length > 0; i++)
        {
            if (count == top.Length && logits[i] <= top[count - 1].Logprob)
            {
                continue;
            }

            // Insertion keeps the best first; a later id with an equal value goes behind, so ties ascend by id.
            int at = count < top.Length ? count++ : count - 1;
            for (; at > 0 && top[at - 1].Logprob < logits[i]; at--)
            {
                top[at] = top[at - 1];
            }

            top[at] = new TokenLogprob(i, logits[i]);
        }

        for (int i = 0; i < count; i++)
        {
            top[i] = top[i] with { Logprob = (float)(top[i].Logprob - logSum) };
        }

        return new TokenLogprobs((float)(logits[token] - logSum), top);
    }
}
