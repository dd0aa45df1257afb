using Dynamo.Protocol.Load;

namespace Dynamo.Abstractions.Instances;

/// <summary>How an engine is, as its rank or its instance reports it.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.EngineReport")]
public abstract record EngineReport
{
    /// <summary>Identity of the engine in routing, events and frames; of an instance, that of its head.</summary>
    [Id(0)]
    public required WorkerId Worker { get; init; }

    /// <summary>Where it is in its life.</summary>
    [Id(1)]
    public required InstanceState State { get; init; }

    /// <summary>Bytes of weights in memory while loading, and of how many.</summary>
    [Id(2)]
    public long LoadedBytes { get; init; }

    /// <summary>See <see cref="LoadedBytes"/>; 0 while unknown.</summary>
    [Id(3)]
    public long TotalBytes { get; init; }

    /// <summary>Known once it is ready.</summary>
    [Id(4)]
    public EngineLimits? Limits { get; init; }

    /// <summary>Sequences that are not over, while it drains; not told otherwise.</summary>
    [Id(5)]
    public int NumLive { get; init; }

    /// <summary>Why it failed.</summary>
    [Id(6)]
    public string? Error { get; init; }
}
