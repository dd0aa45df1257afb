
namespace Dynamo.Cluster.Placement;

/// <summary>The grain lives on a frontend silo, so that the loss of a worker never takes it along.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.OnFrontendPlacement")]
internal sealed class OnFrontendPlacement : PlacementStrategy;

/// <summary>Puts grains of a class on frontend silos.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class OnFrontendPlacementAttribute() : PlacementAttribute(new OnFrontendPlacement());
