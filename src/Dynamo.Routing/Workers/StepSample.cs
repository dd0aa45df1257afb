using Dynamo.Protocol.Load;

namespace Dynamo.Routing.Workers;

/// <summary>What a load report says of a worker's last step.</summary>
/// <param name="PrefillTokens">Prompt tokens computed.</param>
/// <param name="DecodeSequences">Sequences that decoded one token.</param>
/// <param name="Milliseconds">Its duration.</param>
/// <param name="UsedBlocks">KV blocks in use.</param>
/// <param name="TotalBlocks">KV blocks of the worker.</param>
public readonly record struct StepSample(int PrefillTokens, int DecodeSequences, double Milliseconds, int UsedBlocks, int TotalBlocks)
{
    /// <summary>Share of the blocks that are in use.</summary>
    public double UsedShare => Math.Min(1, (double)UsedBlocks / TotalBlocks);

    /// <summary>Reads a report.</summary>
    public static StepSample From(LoadReport report) => new(
        report.LastStepPrefillTokens,
        report.LastStepDecodeSequences,
        report.LastStepMicroseconds / 1000.0,
        report.NumUsedBlocks,
        report.NumTotalBlocks);
}
