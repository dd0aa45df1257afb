namespace Dynamo.Protocol.Routing;

/// <summary>When a worker of a model is too busy to get more, as Dynamo's <c>/busy_threshold</c> says it. What is <see langword="null"/> is left open.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.BusyLimits")]
public sealed record BusyLimits
{
    /// <summary>Share of its KV blocks in use, 0 to 1.</summary>
    [Id(0)]
    public double? ActiveDecodeBlocks { get; init; }

    /// <summary>Prompt tokens still to compute, at least 0.</summary>
    [Id(1)]
    public long? ActivePrefillTokens { get; init; }

    /// <summary>The same in multiples of a step's token budget, at least 0.</summary>
    [Id(2)]
    public double? ActivePrefillTokensFraction { get; init; }

    /// <summary>These, and what they leave open from others.</summary>
    public BusyLimits Or(BusyLimits others) => new()
    {
        ActiveDecodeBlocks = ActiveDecodeBlocks ?? others.ActiveDecodeBlocks,
        ActivePrefillTokens = ActivePrefillTokens ?? others.ActivePrefillTokens,
        ActivePrefillTokensFraction = ActivePrefillTokensFraction ?? others.ActivePrefillTokensFraction,
    };
}
