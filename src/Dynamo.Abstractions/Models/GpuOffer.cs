namespace Dynamo.Abstractions.Models;

/// <summary>One GPU of an offer.</summary>
/// <param name="Generation">Generation that loads or runs on it now; 0 when it is free.</param>
/// <param name="IsDraining">It is leaving and wants no instance.</param>
[GenerateSerializer, Immutable, Alias("dynamo.GpuOffer")]
public readonly record struct GpuOffer([property: Id(0)] long Generation, [property: Id(1)] bool IsDraining = false);
