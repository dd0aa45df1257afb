using Dynamo.Protocol.KV;
using Dynamo.Routing.Prefixes;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>What an index holds in a lookup or memory cell: a tenth of the blocks in sequences of 2,000, the rest in sequences of 1 to 215.</summary>
/// <param name="numBlocks">Distinct blocks.</param>
/// <param name="numHolders">Workers that hold each sequence.</param>
/// <param name="holesPercent">Of its blocks that each holder lost, one by one.</param>
internal sealed class PrefixFill(int numBlocks, int numHolders, int holesPercent)
{
    /// <summary>Blocks of a long sequence.</summary>
    public const int LongLength = 2000;

    private const int ShortLength = 215;

    private long _nextSequence;

    /// <summary>Workers in all.</summary>
    public const int NumSlots = 64;

    /// <summary>Numbers and lengths of all sequences, with their first holder.</summary>
    public List<(long Sequence, int Length, int Slot)> Sequences { get; } = [];

    /// <summary>Stores everything.</summary>
    public void Apply(IPrefixIndex index, Random random)
    {
        long longBlocks = Math.Max(numBlocks / 10, 2 * LongLength);
        for (long stored = 0; stored < numBlocks;)
        {
            int length = stored < longBlocks ? LongLength : 1 + random.Next(ShortLength);
            Add(index, random, length);
            stored += length;
        }
    }

    /// <summary>Stores one more sequence.</summary>
    public void Add(IPrefixIndex index, Random random, int length)
    {
        long sequence = _nextSequence++;
        Span<BlockKey> keys = PrefixKeys.Write(sequence, new BlockKey[length]);
        int first = random.Next(NumSlots);
        for (int i = 0; i < numHolders; i++)
        {
            index.Stored((first + i) % NumSlots, null, keys);
        }

        for (int i = 0; i < numHolders && holesPercent > 0; i++)
        {
            for (int position = 0; position < length; position++)
            {
                if (random.Next(100) < holesPercent)
                {
                    index.Removed((first + i) % NumSlots, keys.Slice(position, 1));
                }
            }
        }

        Sequences.Add((sequence, length, first));
    }

    /// <summary>Another number, for a prompt that nobody holds.</summary>
    public static long Unknown(Random random) => (1L << 40) + random.Next();
}
