namespace Dynamo.Abstractions.Instances;

/// <summary>What a loaded instance can do. Equal numerics classes promise equal bits, if they are exact.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.EngineLimits")]
public sealed record EngineLimits
{
    /// <summary>Longest sequence in tokens, prompt and output.</summary>
    [Id(0)]
    public required int MaxModelLength { get; init; }

    /// <summary>Width of the logits; token ids are below it.</summary>
    [Id(1)]
    public required int VocabularySize { get; init; }

    /// <summary>KV blocks.</summary>
    [Id(2)]
    public required int NumBlocks { get; init; }

    /// <summary>Tokens of a block.</summary>
    [Id(3)]
    public required int BlockSize { get; init; }

    /// <summary>Most sequences of a step.</summary>
    [Id(4)]
    public required int MaxNumSequences { get; init; }

    /// <summary>Token budget of a step.</summary>
    [Id(5)]
    public required int MaxBatchedTokens { get; init; }

    /// <summary>Names everything that rounding depends on; see <see cref="Exactness"/>.</summary>
    [Id(6)]
    public required string NumericsClass { get; init; }
}
