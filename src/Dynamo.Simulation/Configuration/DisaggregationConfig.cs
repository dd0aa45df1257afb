namespace Dynamo.Simulation.Configuration;

/// <summary>Workers that compute prompts and workers that give the tokens after the first.</summary>
public sealed record DisaggregationConfig
{
    /// <summary>Workers that prefill, the first ones; all others decode. At least one of each.</summary>
    public required int NumPrefillWorkers { get; init; }

    /// <summary>How fast a prompt goes from one to the other, in 10^9 bytes a second; 0: it takes no time. Transfers do not slow each other down.</summary>
    /// <value>Default 64, as Dynamo's mocker has it.</value>
    public double TransferGigabytesPerSecond { get; init; } = 64;

    /// <summary>Bytes of a token's keys and values: layers x 2 x KV heads x head size x bytes of a number.</summary>
    /// <value>Default that of Llama 3 8B in 16 bits: 32 x 2 x 8 x 128 x 2.</value>
    public int KVBytesPerToken { get; init; } = 131_072;

    /// <summary>
    /// Whether a prompt of which the decode worker that would get it has most is computed there (Dynamo's conditional disaggregation, policy
    /// <c>isl_bounding</c>).
    /// </summary>
    public bool IsConditional { get; init; }

    /// <summary>Conditional: fewer tokens than this must be missing there.</summary>
    public int MaxLocalTokens { get; init; } = 2048;

    /// <summary>Conditional: less than this share of the prompt must be missing there.</summary>
    public double MaxLocalShare { get; init; } = 0.7;

    /// <summary>Milliseconds that a transfer takes.</summary>
    public double TransferMilliseconds(int numTokens) =>
        TransferGigabytesPerSecond == 0 ? 0 : (double)numTokens * KVBytesPerToken / (TransferGigabytesPerSecond * 1e6);
}
