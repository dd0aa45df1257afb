namespace Dynamo.Routing.Costs;

/// <summary>How long a worker's steps take, as two straight lines.</summary>
/// <param name="PrefillMilliseconds">For each prompt token.</param>
/// <param name="DecodeMilliseconds">For the decoding sequences, when hardly any block is in use.</param>
/// <param name="FullDecodeMilliseconds">What is added to that when all blocks are.</param>
public readonly record struct StepSpeed(double PrefillMilliseconds, double DecodeMilliseconds, double FullDecodeMilliseconds)
{
    /// <summary>Milliseconds of the decoding sequences when this share of the blocks is in use.</summary>
    public double DecodeAt(double share) => DecodeMilliseconds + (FullDecodeMilliseconds * share);

    /// <summary>What is assumed before any worker has reported a step: about a data-centre GPU with a model of 8 billion parameters.</summary>
    public static StepSpeed Initial { get; } = new(0.02, 6, 30);
}
