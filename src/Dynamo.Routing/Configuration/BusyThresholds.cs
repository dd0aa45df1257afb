namespace Dynamo.Routing.Configuration;

/// <summary>When a worker is too busy to get anything more. A threshold that is <see langword="null"/> is not looked at.</summary>
public sealed record BusyThresholds
{
    /// <summary>Share of its KV blocks in use above which a worker is busy (<c>--active-decode-blocks-threshold</c>).</summary>
    /// <value>0 to 1.</value>
    public double? UsedBlocks { get; init; }

    /// <summary>Prompt tokens still to compute above which a worker is busy (<c>--active-prefill-tokens-threshold</c>).</summary>
    public long? PrefillTokens { get; init; }

    /// <summary>The same in multiples of a step's token budget (<c>--active-prefill-tokens-threshold-frac</c>).</summary>
    public double? PrefillSteps { get; init; }
}
