namespace Dynamo.Engine.Execution;

/// <summary>Sizes that stay fixed for an engine's life; buffers of scheduler and runner are made for them once.</summary>
public sealed record StepLimits
{
    /// <summary>Most rows of a step: the token budget (<c>--max-num-batched-tokens</c>).</summary>
    public required int MaxBatchedTokens { get; init; }

    /// <summary>Most sequences of a step (<c>--max-num-seqs</c>).</summary>
    public required int MaxNumSequences { get; init; }

    /// <summary>Most rows of logits in a step. <see cref="MaxNumSequences"/> when serving; more to check a model position by position.</summary>
    public required int MaxLogitRows { get; init; }

    /// <summary>Longest sequence in tokens, prompt and output (<c>--max-model-len</c>).</summary>
    public required int MaxModelLength { get; init; }

    /// <summary>Tokens of a KV block (<c>--block-size</c>), a power of two from 8 to 256.</summary>
    public required int BlockSize { get; init; }

    /// <summary>Blocks that the longest sequence needs.</summary>
    public int MaxBlocksPerSequence => BlocksFor(MaxModelLength);

    /// <summary>Blocks that so many tokens of a sequence need.</summary>
    /// <param name="numTokens">0 or more.</param>
    public int BlocksFor(int numTokens) => (numTokens + BlockSize - 1) / BlockSize;
}
