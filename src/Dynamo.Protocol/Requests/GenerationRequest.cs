namespace Dynamo.Protocol.Requests;

/// <summary>One dispatch of one sequence to one engine: everything needed to continue it from any point, on any worker.</summary>
public sealed record GenerationRequest
{
    /// <summary>Which sequence.</summary>
    public required RequestId Id { get; init; }

    /// <summary>Number of this dispatch, from 1. The frontend accepts only tokens of its current attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>Prompt, then the output tokens that the client already has (empty unless the request moved).</summary>
    public required IReadOnlyList<int> TokenIds { get; init; }

    /// <summary>How many of <see cref="TokenIds"/> are prompt. Penalties, <c>min_tokens</c> and the generator count output from here.</summary>
    public required int NumPromptTokens { get; init; }

    /// <summary>How to choose tokens and when to end.</summary>
    public required SamplingParameters Sampling { get; init; }

    /// <summary>Prefix-cache tenant: requests share cached blocks only when their salts are equal. Empty for the common one.</summary>
    public string CacheSalt { get; init; } = "";

    /// <summary>Of a streamed response: where it comes from, so that another frontend can go on with it. <see langword="null"/> otherwise.</summary>
    public RequestOrigin? Origin { get; init; }

    /// <summary>The span that asked for it, as W3C's Trace Context writes it (<c>traceparent</c>); <see langword="null"/>: it is not traced.</summary>
    public string? TraceParent { get; init; }
}
