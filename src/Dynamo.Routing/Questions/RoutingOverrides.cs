using Dynamo.Routing.Configuration;

namespace Dynamo.Routing.Questions;

/// <summary>What one request wants otherwise than the router's options say; <see langword="null"/>: as they say.</summary>
public sealed record RoutingOverrides
{
    /// <summary>See <see cref="DynamoCostOptions.OverlapScoreCredit"/>.</summary>
    public double? OverlapScoreCredit { get; init; }

    /// <summary>See <see cref="DynamoCostOptions.PrefillLoadScale"/>.</summary>
    public double? PrefillLoadScale { get; init; }

    /// <summary>See <see cref="DynamoCostOptions.AssumeKVReuse"/>.</summary>
    public bool? AssumeKVReuse { get; init; }

    /// <summary>See <see cref="DynamoCostOptions.TrackPrefillTokens"/>.</summary>
    public bool? TrackPrefillTokens { get; init; }

    /// <summary>See <see cref="RouterOptions.Temperature"/>.</summary>
    public double? Temperature { get; init; }

    internal DynamoCostOptions Apply(DynamoCostOptions options) => options with
    {
        OverlapScoreCredit = OverlapScoreCredit ?? options.OverlapScoreCredit,
        PrefillLoadScale = PrefillLoadScale ?? options.PrefillLoadScale,
        AssumeKVReuse = AssumeKVReuse ?? options.AssumeKVReuse,
        TrackPrefillTokens = TrackPrefillTokens ?? options.TrackPrefillTokens,
    };
}
