using System.Net;
using Dynamo.Cluster.Deployments;
using Dynamo.Cluster.Diagnostics;
using Dynamo.Cluster.Events;
using Dynamo.Cluster.Events.Planes;
using Dynamo.Cluster.Placement;
using Dynamo.Cluster.Responses;
using Dynamo.Cluster.Security;
using Dynamo.Cluster.Serving;
using Dynamo.Cluster.Workers;
using Dynamo.Engine.Execution;
using Dynamo.Routing;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans.Configuration;
using Orleans.Runtime.MembershipService.SiloMetadata;

namespace Dynamo.Cluster.Hosting;

/// <summary>Composes a silo of roles.</summary>
public static class DynamoSiloExtensions
{
    /// <summary>Adds what every silo of the cluster needs, whatever its roles: all must place grains alike.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="roles">What the silo is for; add them with <see cref="AddFrontendRole"/> and <see cref="AddWorkerRole"/>.</param>
    public static ISiloBuilder UseDynamo(this ISiloBuilder silo, SiloRoles roles)
    {
        silo.UseSiloMetadata(new Dictionary<string, string> { [SiloRolesMetadata.Key] = SiloRolesMetadata.Format(roles) });
        silo.Services.AddPlacementDirector<OnSiloInKeyPlacement, OnSiloInKeyDirector>();
        silo.Services.AddPlacementDirector<OnFrontendPlacement, OnFrontendDirector>();
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.AddDiagnostics();
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

        // Nobody else has the key, so the port takes no strangers.
        silo.UseClusterKey(ClusterKey.Create());
        return silo;
    }

    /// <summary>The silo takes HTTP requests: adds <see cref="IGenerator"/> and <see cref="IModelCatalog"/>.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="migration">How requests move between workers.</param>
    /// <param name="router">How the routers that live here decide; their block size is the workers'.</param>
    public static ISiloBuilder AddFrontendRole(this ISiloBuilder silo, MigrationOptions migration, RouterOptions router)
    {
        silo.AddGrainService<FrontendService>();
        silo.Services.AddSingleton<StreamTable>();
        silo.Services.AddSingleton<WorkerWatch>();
        silo.Services.AddSingleton<LocalRouter>();
        silo.Services.TryAddSingleton<ISiloPort, TcpSiloPort>();
        silo.Services.AddSingleton<DeathCheck>();
        silo.Services.AddSingleton<Submitter>();
        silo.Services.AddSingleton<Dispatcher>();
        silo.Services.AddSingleton(migration);
        silo.Services.AddSingleton<StreamMover>();
        silo.Services.AddSingleton<RouterNews>();
        silo.Services.AddSingleton(router);
        silo.Services.AddSingleton<InexactMoves>();
        silo.Services.AddSingleton<StreamKeeper>();
        silo.Services.AddSingleton<IGenerator, Generator>();
        silo.Services.AddSingleton<IStreamResumer, StreamResumer>();
        silo.Services.AddSingleton<ModelCatalog>();
        silo.Services.AddSingleton<IModelCatalog>(static services => services.GetRequiredService<ModelCatalog>());
        silo.Services.AddSingleton<IWorkerLocator>(static services => services.GetRequiredService<ModelCatalog>());
        silo.Services.AddHostedService(static services => services.GetRequiredService<ModelCatalog>());
        silo.Services.AddSingleton<SilenceMonitor>();
        silo.Services.AddHostedService(static services => services.GetRequiredService<SilenceMonitor>());
        silo.Services.AddHostedService<DeadSiloMonitor>();
        silo.Services.AddSingleton<IClusterAdmin, ClusterAdmin>();
        silo.Services.AddSingleton<IFrontendPeers, FrontendPeers>();
        return silo;
    }

    /// <summary>The silo offers GPUs and runs an engine on each. Needs an <see cref="IModelRunnerFactory"/> among the services.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="options">What it serves.</param>
    /// <param name="progress">Hears how far loading is.</param>
    public static ISiloBuilder AddWorkerRole(this ISiloBuilder silo, WorkerOptions options, IProgress<LoadProgress> progress)
    {
        silo.Services.AddSingleton(options);
        silo.Services.AddSingleton<ModelFileReader>();
        silo.Services.AddSingleton<IFrontendSender, FrontendServiceClient>();
        silo.Services.AddSingleton(services => new EngineHosts(options.NumGpus, () => new EngineHost(
            options,
            services.GetRequiredService<IModelRunnerFactory>(),
            services.GetRequiredService<IFrontendSender>(),
            services.GetRequiredService<IEventPlane>(),
            progress,
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILoggerFactory>())));
        silo.Services.AddHostedService<OfferService>();
        silo.Services.AddHostedService<WorkerDrainer>();
        return silo;
    }
}
