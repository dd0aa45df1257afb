namespace Dynamo.Engine.Sharing;

/// <summary>Divides a host's free memory among the KV caches of its engines.</summary>
internal static class MemoryShare
{
    /// <summary>What the claims of others leave of free memory.</summary>
    /// <param name="freeBytes">Free now.</param>
    /// <param name="others">Claims of the others that are alive.</param>
    /// <param name="usedBytes">What a claim's process uses now, or <see langword="null"/> when that cannot be known.</param>
    public static long Unclaimed(long freeBytes, ReadOnlySpan<MemoryClaim> others, Func<MemoryClaim, long?> usedBytes)
    {
        foreach (ref readonly MemoryClaim claim in others)
        {
            long taken = usedBytes(claim) is { } used ? used - claim.BaseBytes : 0;
            freeBytes -= Math.Clamp(claim.PromisedBytes - taken, 0, claim.PromisedBytes);
        }

        return Math.Max(0, freeBytes);
    }

    /// <summary>
    /// The part of unclaimed memory for a KV cache whose size no flag gives. Engines that start together get equal parts of one half; the other
    /// half is for activations, other processes and the page cache. One that comes later gets less: the others keep what they have.
    /// </summary>
    /// <param name="others">Claims of the others that are alive.</param>
    /// <returns>Above 0, at most 1/2.</returns>
    public static double Part(ReadOnlySpan<MemoryClaim> others)
    {
        // Of F bytes the first of n gets F/2n. It leaves F(2n - 1)/2n, of which the next gets 1/(2n - 1): the same; and so on.
        int numPending = 1;
        int numDone = 0;
        foreach (ref readonly MemoryClaim claim in others)
        {
            numPending += claim.Sizing == SizingState.Pending ? 1 : 0;
            numDone += claim.Sizing == SizingState.Done ? 1 : 0;
        }

        return 1.0 / ((2 * numPending) + numDone);
    }
}
