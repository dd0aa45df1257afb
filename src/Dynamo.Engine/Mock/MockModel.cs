namespace Dynamo.Engine.Mock;

/// <summary>
/// A model without weights: logits are a hash of the whole sequence, so one wrong, missing or stale token anywhere before a position changes
/// everything after it. Pure functions; <see cref="MockModelRunner"/> computes the same through paged blocks.
/// </summary>
public static class MockModel
{
    /// <summary>Logit of tokens that do not compete: less than e^-90 of the likeliest one's weight.</summary>
    public const float Unlikely = -100f;

    private const ulong Golden = 0x9E3779B97F4A7C15;

    /// <summary>What the cache keeps of a token: a hash of it and of everything before it, never 0.</summary>
    /// <param name="previous">The value of the position before, 0 at the start.</param>
    /// <param name="token">The token.</param>
    public static ulong Cell(ulong previous, int token) => Mix(previous + Golden + (ulong)(uint)token) | 1;

    /// <summary>Adds a position to what a query sees; start from 0 and go through the positions in order.</summary>
    public static ulong Attend(ulong sum, ulong cell) => Mix(sum ^ cell);

    /// <summary>Writes the logits, each in [-8, 8), of a query that has seen <paramref name="sum"/>.</summary>
    /// <param name="sum">All positions folded by <see cref="Attend"/>.</param>
    /// <param name="logits">One row, [vocabulary].</param>
    public static void Project(ulong sum, Span<float> logits)
    {
        for (int i = 0; i < logits.Length; i++)
        {
            logits[i] = Logit(sum, i);
        }
    }

    /// <summary>As <see cref="Project(ulong, Span{float})"/> for some tokens; all others get <see cref="Unlikely"/> and are never drawn unless a request biases them.</summary>
    /// <param name="sum">All positions folded by <see cref="Attend"/>.</param>
    /// <param name="tokens">Tokens that compete, each below the row's width.</param>
    /// <param name="logits">One row, [vocabulary].</param>
    public static void Project(ulong sum, ReadOnlySpan<int> tokens, Span<float> logits)
    {
        logits.Fill(Unlikely);
        foreach (int token in tokens)
        {
            logits[token] = Logit(sum, token);
        }
    }

    // 24 bits fit a float exactly, so that every machine has the same logits.
    private static float Logit(ulong sum, int token) => ((Mix(sum + ((ulong)token * Golden)) >> 40) * (1f / (1 << 20))) - 8f;

    // The finaliser of SplitMix64: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
