namespace Dynamo.Protocol.Routing;

/// <summary>Parameters of the router that one request sets for itself; <see langword="null"/>: as the router's options say.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.RouteOverrides")]
public sealed record RouteOverrides
{
    /// <summary>What a block that a worker has is worth, in Dynamo's cost.</summary>
    [Id(0)]
    public double? OverlapScoreCredit { get; init; }

    /// <summary>What a block to compute weighs against a block to hold, in Dynamo's cost.</summary>
    [Id(1)]
    public double? PrefillLoadScale { get; init; }

    /// <summary>Whether a block held by several requests counts once, in Dynamo's cost.</summary>
    [Id(2)]
    public bool? AssumeKVReuse { get; init; }

    /// <summary>Whether prompts that wait count, in Dynamo's cost.</summary>
    [Id(3)]
    public bool? TrackPrefillTokens { get; init; }

    /// <summary>0: the lowest cost wins; above: drawn, the more evenly the higher.</summary>
    [Id(4)]
    public double? Temperature { get; init; }
}
