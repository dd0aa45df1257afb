namespace Dynamo.Routing.Prefixes;

/// <summary>
/// Brings what lookups of consecutive blocks will need near, all at once instead of one after the other: samples of the keys find the runs between them.
/// </summary>
/// <param name="runs">The runs.</param>
/// <param name="table">Where keys are.</param>
internal sealed class FetchAhead(RunStore runs, KeyTable table)
{
    // Blocks between samples, and samples taken at once.
    private const int SampleStride = 48;
    private const int NumSamples = 12;

    private readonly RunStore _runs = runs;
    private readonly KeyTable _table = table;

    /// <summary>Fetches what the next of some blocks need.</summary>
    /// <param name="blocks">The blocks.</param>
    /// <returns>For how many.</returns>
    public int Fetch(ReadOnlySpan<ulong> blocks)
    {
        if (blocks.Length == 1 || !_runs.AreFar)
        {
            return blocks.Length;
        }

        Span<ulong> samples = stackalloc ulong[NumSamples];
        int numSamples = 0;
        for (int start = 0; start < blocks.Length && numSamples < NumSamples; start += SampleStride)
        {
            ulong sample = SampleOf(blocks.Slice(start, Math.Min(SampleStride, blocks.Length - start)));
            samples[numSamples++] = sample;
            _table.Prefetch(sample);
        }

        Span<uint> runs = stackalloc uint[NumSamples];
        int numRuns = 0;
        for (uint run; numRuns < numSamples && (run = _table.Guess(samples[numRuns]).Run) != 0; numRuns++)
        {
            runs[numRuns] = run;
            _runs.PrefetchRun(run);
        }

        foreach (uint run in runs[..numRuns])
        {
            _runs.PrefetchKeys(run);
        }

        return NumSamples * SampleStride;
    }

    // The first that the table must know, if anybody holds it.
    private static ulong SampleOf(ReadOnlySpan<ulong> blocks)
    {
        foreach (ulong block in blocks)
        {
            if (BlockFinder.IsLandmark(block))
            {
                return block;
            }
        }

        return blocks[0];
    }
}
