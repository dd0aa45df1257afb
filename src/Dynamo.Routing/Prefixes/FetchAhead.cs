namespace Dynamo.Routing.Prefixes;

/// <summary>
/// Brings what lookups of consecutive blocks will need near, all at once instead of one after the other: samples of the keys find the runs between them.
/// </summary>
/// <param name="runs">The runs.</param>
/// <param name="table">Where keys are.</param>
internal sealed class FetchAhead(RunStore runs, KeyTable table)
{
    // An index of so many blocks stays in a processor's own cache; fetching ahead would only cost.
    private const int MaxCached = 1 << 16;

    // Blocks between samples, and samples taken at once.
    private const int SampleStride = 48;
    private const int NumSamples = 12;

    private readonly RunStore _runs = runs;
    private readonly KeyTable _table = table;

    /// <summary>Fetches what the next of some blocks need.</summary>
    /// <returns>For how many.</returns>
    public int Fetch(ReadOnlySpan<ulong> blocks)
    {
        if (blocks.Length == 1 || _table.Count <= MaxCached)
        {
            return blocks.Length;
        }

        int numSamples = Math.Min((blocks.Length + SampleStride - 1) / SampleStride, NumSamples);
        Span<uint> runs = stackalloc uint[NumSamples];
        for (int i = 0; i < numSamples; i++)
        {
            _table.Prefetch(blocks[i * SampleStride]);
        }

        int numRuns = 0;
        for (uint run; numRuns < numSamples && (run = _table.Guess(blocks[numRuns * SampleStride]).Run) != 0; numRuns++)
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
}
