namespace Dynamo.UnitTests.Routing.Prefixes;

/// <summary>Keys whose hashes crowd as random ones never do: in few shards of the key table, in few tags, at the ends of a shard.</summary>
internal static class CrowdedKeys
{
    /// <summary>Bits of a hash that the table looks at, the top ones: 8 name the shard, 26 are the tag.</summary>
    public const int NumTopBits = ShardBits + TagBits;

    private const int ShardBits = 8;
    private const int TagBits = 26;

    // What the table multiplies keys with, and its inverse.
    private const ulong Factor = 0x9E3779B97F4A7C15;
    private static readonly ulong Inverse = InverseOf(Factor);

    // Tags that a stretch of keys takes: from all the same to a whole shard's.
    private static readonly int[] Widths = [1, 4, 40, 400, 1 << 12, 1 << TagBits];
    private static readonly int[] Shards = [0, 100, (1 << ShardBits) - 1];

    // So many keys of each tag, or any number.
    private static readonly ulong[] Repeats = [1, 3, 1 << (64 - NumTopBits)];

    /// <summary>The key whose hash has these top bits.</summary>
    /// <param name="top">Top bits, <see cref="NumTopBits"/> of them.</param>
    /// <param name="number">The bits below.</param>
    public static ulong KeyOf(ulong top, ulong number) => ((top << (64 - NumTopBits)) | number) * Inverse;

    /// <summary>Fills a sequence with stretches of neighbours in ascending, descending or no order.</summary>
    public static void Fill(Random random, ulong[] keys)
    {
        for (int start = 0, length; start < keys.Length; start += length)
        {
            length = Math.Min(1 + random.Next(100), keys.Length - start);
            FillStretch(random, keys.AsSpan(start, length));
        }
    }

    private static void FillStretch(Random random, Span<ulong> keys)
    {
        int width = Widths[random.Next(Widths.Length)];
        int last = (1 << TagBits) - width;
        int first = random.Next(4) switch
        {
            0 => 0,
            1 => last / 2,
            _ => last,
        };
        ulong shard = (ulong)Shards[random.Next(Shards.Length)];
        ulong repeats = Repeats[random.Next(Repeats.Length)];
        int order = random.Next(3);
        for (int i = 0; i < keys.Length; i++)
        {
            int step = (int)((long)i * width / keys.Length);
            int tag = first + (order == 0 ? step : order == 1 ? width - 1 - step : random.Next(width));
            keys[i] = KeyOf((shard << TagBits) | (uint)tag, (ulong)random.NextInt64((long)repeats));
        }
    }

    // Newton's steps: each doubles the low bits that are right, and an odd number is its own inverse in the lowest three.
    private static ulong InverseOf(ulong odd)
    {
        ulong inverse = odd;
        for (int i = 0; i < 5; i++)
        {
            inverse *= 2 - (odd * inverse);
        }

        return inverse;
    }
}
