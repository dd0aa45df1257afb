using Dynamo.Protocol.KV;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>Keys made from a sequence's number and a position, so that no list of them need be kept.</summary>
internal static class PrefixKeys
{
    // splitmix64 (Steele, Lea, Flood 2014).
    public static BlockKey At(long sequence, int position)
    {
        ulong z = ((ulong)sequence << 20) + (ulong)position + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return new BlockKey(z ^ (z >> 31));
    }

    public static Span<BlockKey> Write(long sequence, Span<BlockKey> keys)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = At(sequence, i);
        }

        return keys;
    }
}
