namespace Dynamo.Abstractions.Models;

/// <summary>A silo offers its GPUs to a model. Renewed each second; forgotten when it is not.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.SiloOffer")]
public sealed record SiloOffer
{
    /// <summary>Who offers.</summary>
    [Id(0)]
    public required SiloAddress Silo { get; init; }

    /// <summary>GPUs offered.</summary>
    [Id(1)]
    public required int NumGpus { get; init; }

    /// <summary>Generation that loads or runs on them now; 0 when they are free.</summary>
    [Id(2)]
    public required long Generation { get; init; }

    /// <summary>The silo is leaving and wants no instance.</summary>
    [Id(3)]
    public bool IsDraining { get; init; }
}
