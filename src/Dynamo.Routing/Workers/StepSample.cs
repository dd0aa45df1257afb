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

    /// <summary>Share of a full step's tokens that are of prompts.</summary>
    public double PrefillShare(int maxBatchedTokens) => Math.Min(1, (double)PrefillTokens / maxBatchedTokens);

    /// <summary>What its prompts took, when decoding took <paramref name="decode"/> milliseconds of it.</summary>
    public double PrefillMilliseconds(double decode) => Math.Max(Milliseconds - (DecodeSequences > 0 ? decode : 0), 0);

    /// <summary>Reads a report.</summary>
    public static StepSample From(LoadReport report) => new(
        report.LastStepPrefillTokens,
        report.LastStepDecodeSequences,
        report.LastStepMicroseconds / 1000.0,
        report.NumUsedBlocks,
        report.NumTotalBlocks);
}
