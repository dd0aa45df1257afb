
namespace Dynamo.Cluster.Placement;

/// <summary>The grain's key names the silo it belongs to: a rank to its GPU's silo, an instance to its head.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.OnSiloInKeyPlacement")]
internal sealed class OnSiloInKeyPlacement : PlacementStrategy;

/// <summary>Puts grains of a class on the silo that their key names.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OnSiloInKeyPlacementAttribute() : PlacementAttribute(new OnSiloInKeyPlacement());
