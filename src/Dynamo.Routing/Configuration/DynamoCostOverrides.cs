using Dynamo.Protocol.Routing;

namespace Dynamo.Routing.Configuration;

/// <summary>What one request wants of Dynamo's cost.</summary>
internal static class DynamoCostOverrides
{
    /// <summary>The options as a request wants them.</summary>
    public static DynamoCostOptions Apply(this RouteOverrides overrides, DynamoCostOptions options) => options with
    {
        OverlapScoreCredit = overrides.OverlapScoreCredit ?? options.OverlapScoreCredit,
        PrefillLoadScale = overrides.PrefillLoadScale ?? options.PrefillLoadScale,
        AssumeKVReuse = overrides.AssumeKVReuse ?? options.AssumeKVReuse,
        TrackPrefillTokens = overrides.TrackPrefillTokens ?? options.TrackPrefillTokens,
    };
}
