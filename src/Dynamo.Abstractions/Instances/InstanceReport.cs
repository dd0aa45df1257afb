namespace Dynamo.Abstractions.Instances;

/// <summary>How an instance is, as its grain saw it last.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.InstanceReport")]
public sealed record InstanceReport : EngineReport
{
    /// <summary>Which instance.</summary>
    [Id(0)]
    public required InstanceKey Key { get; init; }

    /// <summary>GPU of its head among those that the head's silo offers; <see langword="null"/> when the silo has no engine of it any more.</summary>
    [Id(1)]
    public int? Gpu { get; init; }

    /// <summary>Further names that clients may use for its model.</summary>
    [Id(2)]
    public NameList Aliases { get; init; } = NameList.None;
}
