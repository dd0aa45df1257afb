using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;

namespace Dynamo.Cluster.Placement;

/// <summary>The grain lives on a frontend silo, so that the loss of a worker never takes it along.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.OnFrontendPlacement")]
public sealed class OnFrontendPlacement : PlacementStrategy;

/// <summary>Puts grains of a class on frontend silos.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnFrontendPlacementAttribute() : PlacementAttribute(new OnFrontendPlacement());

/// <summary>Chooses a frontend silo by the grain's hash, the same one from every silo that sees the same members.</summary>
internal sealed class OnFrontendDirector(ISiloMetadataCache metadata) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        List<SiloAddress> frontends = [];
        foreach (SiloAddress silo in context.GetCompatibleSilos(target))
        {
            if (SiloRolesMetadata.Includes(metadata.GetSiloMetadata(silo).Metadata.GetValueOrDefault(SiloRolesMetadata.Key), SiloRoles.Frontend))
            {
                frontends.Add(silo);
            }
        }

        if (frontends.Count == 0)
        {
            throw new SiloUnavailableException($"No frontend silo is active; {target.GrainIdentity} needs one. Start 'dynamo frontend' or 'dynamo serve'.");
        }

        frontends.Sort();
        return Task.FromResult(frontends[(int)(target.GrainIdentity.GetUniformHashCode() % (uint)frontends.Count)]);
    }
}
