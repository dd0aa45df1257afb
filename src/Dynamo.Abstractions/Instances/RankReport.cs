namespace Dynamo.Abstractions.Instances;

/// <summary>How a rank is.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.RankReport")]
public sealed record RankReport : EngineReport
{
    /// <summary>Generation that the rank serves, or served last; 0 when it has had none.</summary>
    [Id(0)]
    public required long Generation { get; init; }
}
