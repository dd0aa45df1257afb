using System.Diagnostics;
using Dynamo.Protocol.KV;
using Dynamo.Routing.Prefixes;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>Single lookups, timed one by one, of prompts picked anywhere in the index, so that nothing of it is near but what it keeps near.</summary>
internal static class LookupCell
{
    private const int NumLookups = 20_000;

    /// <summary>Lookups of one kind of prompt.</summary>
    /// <param name="index">Whose.</param>
    /// <param name="sequences">What to ask for.</param>
    /// <param name="seed">Equal seeds, equal prompts.</param>
    /// <param name="checksum">Of all answers.</param>
    public static Latency Measure(IPrefixIndex index, IReadOnlyList<(long Sequence, int Length, int Slot)> sequences, int seed, out ulong checksum)
    {
        Random random = new(seed);
        BlockKey[] prompt = new BlockKey[PrefixFill.LongLength];
        int[] depths = new int[PrefixFill.NumSlots];
        long[] ticks = new long[NumLookups];
        checksum = 0;
        for (int i = 0; i < 2 * NumLookups; i++)
        {
            (long sequence, int length, _) = sequences[random.Next(sequences.Count)];
            Span<BlockKey> keys = PrefixKeys.Write(sequence, prompt.AsSpan(0, length));
            long start = Stopwatch.GetTimestamp();
            index.Match(keys, depths);
            long took = Stopwatch.GetTimestamp() - start;

            // The first half settles the compiler.
            ticks[i % NumLookups] = took;
            foreach (int depth in depths)
            {
                checksum = (checksum * 31) + (ulong)depth;
            }
        }

        return Latency.Of(ticks);
    }
}
