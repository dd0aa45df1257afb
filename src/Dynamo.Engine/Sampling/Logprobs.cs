using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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
        double logSum = max + Math.Log(VectorMath.SumExp(logits, max));
        TokenLogprob[] top = new TokenLogprob[Math.Min(numTop, logits.Length)];
        Best(logits, top);
        for (int i = 0; i < top.Length; i++)
        {
            top[i] = top[i] with { Logprob = (float)(top[i].Logprob - logSum) };
        }

        return new TokenLogprobs((float)(logits[token] - logSum), top);
    }

    // Fills `top` with the largest logits, best first.
    private static void Best(ReadOnlySpan<float> logits, Span<TokenLogprob> top)
    {
        int lanes = Vector512<float>.Count;
        int count = 0;
        int i = 0;
        while (top.Length > 0 && i < logits.Length)
        {
            // Once full, most runs hold nothing better than the worst kept.
            if (count == top.Length && i <= logits.Length - lanes
                && !Vector512.GreaterThanAny(Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(logits), (nuint)i), Vector512.Create(top[^1].Logprob)))
            {
                i += lanes;
                continue;
            }

            for (int end = Math.Min(i + lanes, logits.Length); i < end; i++)
            {
                Insert(top, ref count, i, logits[i]);
            }
        }
    }

    // A later id with an equal value goes behind, so ties ascend by id.
    private static void Insert(Span<TokenLogprob> top, ref int count, int token, float logit)
    {
        if (count == top.Length && !(logit > top[^1].Logprob))
        {
            return;
        }

        int at = count < top.Length ? count++ : count - 1;
        for (; at > 0 && top[at - 1].Logprob < logit; at--)
        {
            top[at] = top[at - 1];
        }

        top[at] = new TokenLogprob(token, logit);
    }
}
