using System.Net;
using Dynamo.Cluster.Deployments;
using Dynamo.Cluster.Placement;
using Dynamo.Cluster.Settings;
using Dynamo.Security.Keys;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Dynamo.Cluster;

/// <summary>Adds what every silo has.</summary>
public static class ClusterExtensions
{
    /// <summary>Adds what every silo of the cluster needs, whatever its roles: all must place grains alike.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="roles">What the silo is for; add them with <c>AddFrontendRole</c> and <c>AddWorkerRole</c>.</param>
    public static ISiloBuilder UseDynamo(this ISiloBuilder silo, SiloRoles roles) => silo.UseDynamo(new Dictionary<string, string> { [SiloRolesMetadata.Key] = SiloRolesMetadata.Format(roles) });

    /// <summary>As the other.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="metadata">What the silo tells others of itself, its roles among it; read when it starts.</param>
    public static ISiloBuilder UseDynamo(this ISiloBuilder silo, Dictionary<string, string> metadata)
    {
        silo.UseSiloMetadata(metadata);
        silo.Services.AddPlacementDirector<OnSiloInKeyPlacement, OnSiloInKeyDirector>();
        silo.Services.AddPlacementDirector<OnFrontendPlacement, OnFrontendDirector>();
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.AddEvents();
        silo.Configure<SiloMessagingOptions>(static options =>
        {
            options.ResponseTimeout = TimeSpan.FromSeconds(10);
            options.CancelRequestOnTimeout = true;
        });
        return silo;
    }

    /// <summary>The silo is a cluster of its own on the loopback address: no Redis, and its few persisted records live as long as it does.</summary>
    public static ISiloBuilder UseLocalCluster(this ISiloBuilder silo)
    {
        silo.UseLocalhostClustering(FreePort.On(IPAddress.Loopback), gatewayPort: 0);
        silo.AddMemoryGrainStorage(ClusterStorage.Name);

        // No other process has the key, so the port takes no strangers.
        silo.UseClusterKey(ClusterKey.Create());
        return silo;
    }
}
