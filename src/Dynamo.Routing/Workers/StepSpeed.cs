namespace Dynamo.Routing.Workers;

/// <summary>How long a worker's steps take, as two straight lines.</summary>
/// <param name="PrefillMilliseconds">For each prompt token.</param>
/// <param name="DecodeMilliseconds">For the decoding sequences, when hardly any block is in use.</param>
/// <param name="FullDecodeMilliseconds">What is added to that when all blocks are.</param>
public readonly record struct StepSpeed(double PrefillMilliseconds, double DecodeMilliseconds, double FullDecodeMilliseconds)
{
    /// <summary>Milliseconds of the decoding sequences when this share of the blocks is in use.</summary>
    public double DecodeAt(double share) => DecodeMilliseconds + (FullDecodeMilliseconds * share);

    /// <summary>Milliseconds that a worker's step takes for decoding.</summary>
    /// <param name="bookedBlocks">Its blocks in use.</param>
    /// <param name="capacity">All its blocks.</param>
    public double DecodeAt(int bookedBlocks, int capacity) => DecodeAt(Math.Min(1, (double)bookedBlocks / capacity));

    /// <summary>Milliseconds that a worker takes for a prompt token.</summary>
    /// <param name="decode">What its step takes for decoding.</param>
    /// <param name="maxBatchedTokens">Token budget of its steps.</param>
    public double RateAt(double decode, int maxBatchedTokens) => PrefillMilliseconds + (decode / maxBatchedTokens);

    /// <summary>Milliseconds until the step that runs is over. The more sequences decode, the surer there is one when the prompt comes.</summary>
    /// <param name="decode">What a step takes for decoding.</param>
    /// <param name="numDecoding">Sequences that decode.</param>
    public static double RestOf(double decode, int numDecoding) => decode * numDecoding / (numDecoding + 1.0);

    /// <summary>What is assumed before any worker has reported a step: about a data-centre GPU with a model of 8 billion parameters.</summary>
    public static StepSpeed Initial { get; } = new(0.02, 6, 30);
}
