using Dynamo.Protocol.Load;

namespace Dynamo.Abstractions.Instances;

/// <summary>How an instance is, as its grain saw it last.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.InstanceReport")]
public sealed record InstanceReport
{
    /// <summary>Which instance.</summary>
    [Id(0)]
    public required InstanceKey Key { get; init; }

    /// <summary>Identity of its head in routing, events and frames.</summary>
    [Id(1)]
    public required WorkerId Worker { get; init; }

    /// <summary>GPU of its head among those that the head's silo offers; <see langword="null"/> when the silo has no engine of it any more.</summary>
    [Id(8)]
    public int? Gpu { get; init; }

    /// <summary>Where it is in its life.</summary>
    [Id(2)]
    public required InstanceState State { get; init; }

    /// <summary>Bytes of weights in memory while loading, and of how many.</summary>
    [Id(3)]
    public long LoadedBytes { get; init; }

    /// <summary>See <see cref="LoadedBytes"/>; 0 while unknown.</summary>
    [Id(4)]
    public long TotalBytes { get; init; }

    /// <summary>Known once it is ready.</summary>
    [Id(5)]
    public EngineLimits? Limits { get; init; }

    /// <summary>Further names that clients may use for its model.</summary>
    [Id(9)]
    public NameList Aliases { get; init; } = NameList.None;

    /// <summary>Sequences that are not over, while it drains; not told otherwise.</summary>
    [Id(7)]
    public int NumLive { get; init; }

    /// <summary>Why it failed.</summary>
    [Id(6)]
    public string? Error { get; init; }
}
