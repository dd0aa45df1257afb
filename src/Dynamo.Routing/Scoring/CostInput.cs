using Dynamo.Routing.Workers;

namespace Dynamo.Routing.Scoring;

/// <summary>What a cost is a function of: one request at one worker.</summary>
public readonly record struct CostInput
{
    /// <summary>Tokens of a block.</summary>
    public required int BlockSize { get; init; }

    /// <summary>Tokens of the request's prompt.</summary>
    public required int NumTokens { get; init; }

    /// <summary>Blocks of the prompt, the last one perhaps partly filled.</summary>
    public required int PromptBlocks { get; init; }

    /// <summary>Full blocks of the prompt that the worker has or is computing, from the first on.</summary>
    public required int OverlapBlocks { get; init; }

    /// <summary>Blocks of the prompt that no request of the worker holds.</summary>
    public required int NewBlocks { get; init; }

    /// <summary>Prompt tokens to compute at the worker for requests whose first token has not been seen.</summary>
    public required long QueuedTokens { get; init; }

    /// <summary>Milliseconds that the worker has been computing the first of those.</summary>
    public required double QueuedMilliseconds { get; init; }

    /// <summary>Blocks of prompts that the worker's requests hold, a shared one once.</summary>
    public required int BookedBlocks { get; init; }

    /// <summary>Of those, blocks that are filled in part.</summary>
    public required int BookedPartialBlocks { get; init; }

    /// <summary>Requests at the worker.</summary>
    public required int NumLive { get; init; }

    /// <summary>Of those, requests whose first token has not been seen.</summary>
    public required int NumQueued { get; init; }

    /// <summary>Prompt tokens to compute that the worker got lately, in multiples of what workers got on average.</summary>
    public required double RecentShare { get; init; }

    /// <summary>The worker's KV blocks.</summary>
    public required int Capacity { get; init; }

    /// <summary>Token budget of the worker's steps.</summary>
    public required int MaxBatchedTokens { get; init; }

    /// <summary>How fast the worker is.</summary>
    public required StepSpeed Speed { get; init; }

    /// <summary>Tokens of the prompt that the worker would compute, at least 1.</summary>
    public int UncachedTokens => UncachedTokensOf(NumTokens, OverlapBlocks, BlockSize);

    internal static int UncachedTokensOf(int numTokens, int overlapBlocks, int blockSize) => Math.Max(1, numTokens - (overlapBlocks * blockSize));
}
