namespace Dynamo.Simulation.Configuration;

/// <summary>Size of one simulated worker.</summary>
public sealed record MachineConfig
{
    /// <summary>KV blocks.</summary>
    public int NumBlocks { get; init; } = 16384;

    /// <summary>Tokens of a KV block.</summary>
    public int BlockSize { get; init; } = 64;

    /// <summary>Most sequences of a step.</summary>
    public int MaxNumSequences { get; init; } = 256;

    /// <summary>Token budget of a step.</summary>
    public int MaxBatchedTokens { get; init; } = 8192;
}
