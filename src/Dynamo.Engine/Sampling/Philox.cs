namespace Dynamo.Engine.Sampling;

/// <summary>
/// Philox 4x32 with ten rounds: a counter-based generator, so the number for a position is computed from (seed, position) alone and is the
/// same on any worker, in any batch. J. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11, section 3.
/// </summary>
internal static class Philox
{
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public static double Uniform(ulong seed, ulong position)
    {
        (uint x0, uint x1, _, _) = Block((uint)position, (uint)(position >> 32), 0, 0, (uint)seed, (uint)(seed >> 32));
        ulong bits = ((ulong)x0 << 32) | x1;
        return (bits >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>The ten-round bijection of one 128-bit counter under a 64-bit key.</summary>
    public static (uint X0, uint X1, uint X2, uint X3) Block(uint c0, uint c1, uint c2, uint c3, uint k0, uint k1)
    {
        for (int round = 0; round < 10; round++)
        {
            ulong product0 = (ulong)Multiplier0 * c0;
            ulong product1 = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = ((uint)(product1 >> 32) ^ c1 ^ k0, (uint)product1, (uint)(product0 >> 32) ^ c3 ^ k1, (uint)product0);
            k0 += Weyl0;
            k1 += Weyl1;
        }

        return (c0, c1, c2, c3);
    }
}
