using Dynamo.Routing.Scoring;

namespace Dynamo.Routing.Configuration;

/// <summary>Parameters of <see cref="DynamoCost"/>, under Dynamo's names and with its defaults.</summary>
public sealed record DynamoCostOptions
{
    /// <summary>What a block that the worker has is worth (<c>--router-kv-overlap-score-credit</c>); at 0 it only makes the worker's queue shorter.</summary>
    public double OverlapScoreCredit { get; init; } = 1;

    /// <summary>How fast that falls with the prompts waiting there, beyond those of the least busy worker (<c>--router-kv-overlap-score-credit-decay</c>).</summary>
    public double OverlapScoreCreditDecay { get; init; }

    /// <summary>What a block to compute weighs against a block to hold (<c>--router-prefill-load-scale</c>).</summary>
    public double PrefillLoadScale { get; init; } = 1;

    /// <summary>What a request that runs there weighs (<c>--router-decode-active-request-weight</c>).</summary>
    public double DecodeActiveRequestWeight { get; init; }

    /// <summary>Whether a block held by several requests counts once (<c>--router-assume-kv-reuse</c>).</summary>
    public bool AssumeKVReuse { get; init; } = true;

    /// <summary>Whether prompts that wait there count (<c>--router-track-prefill-tokens</c>).</summary>
    public bool TrackPrefillTokens { get; init; } = true;
}
