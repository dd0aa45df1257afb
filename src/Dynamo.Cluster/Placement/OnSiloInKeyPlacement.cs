using Dynamo.Abstractions.Instances;
using Orleans.Runtime.Placement;

namespace Dynamo.Cluster.Placement;

/// <summary>The grain's key names the silo it belongs to: a rank to its GPU's silo, an instance to its head.</summary>
[GenerateSerializer, Immutable, Alias("dynamo.OnSiloInKeyPlacement")]
public sealed class OnSiloInKeyPlacement : PlacementStrategy;

/// <summary>Puts grains of a class on the silo that their key names.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OnSiloInKeyPlacementAttribute() : PlacementAttribute(new OnSiloInKeyPlacement());

/// <summary>
/// Binds ranks and instances to the silo in their key, and refuses when that silo is not active: a rank never comes up on a foreign GPU.
/// Runs on the calling silo.
/// </summary>
internal sealed class OnSiloInKeyDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        SiloAddress wanted = SiloOf(target.GrainIdentity.Key.ToString()!);
        foreach (SiloAddress silo in context.GetCompatibleSilos(target))
        {
            if (silo.Equals(wanted))
            {
                return Task.FromResult(silo);
            }
        }

        throw new SiloUnavailableException($"{target.GrainIdentity} belongs to silo {wanted.ToParsableString()}, which is not active in this cluster.");
    }

    // "silo/gpu" of a rank or "model/silo/generation" of an instance; a silo's form has no slash.
    internal static SiloAddress SiloOf(string key)
    {
        int last = key.LastIndexOf('/');
        return last > 0 && key.LastIndexOf('/', last - 1) >= 0 ? InstanceKey.Parse(key).Head : RankKey.Parse(key).Silo;
    }
}
