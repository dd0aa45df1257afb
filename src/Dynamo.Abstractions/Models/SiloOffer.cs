namespace Dynamo.Abstractions.Models;

/// <summary>A silo offers its GPUs to a model. Renewed each second; forgotten when it is not.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.SiloOffer")]
public sealed record SiloOffer
{
    /// <summary>The silo that offers.</summary>
    [Id(0)]
    public required SiloAddress Silo { get; init; }

    /// <summary>The silo's GPUs, by index.</summary>
    [Id(1)]
    public required GpuOffer[] Gpus { get; init; }
}
