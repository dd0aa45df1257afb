using Dynamo.Routing.Configuration;
using Dynamo.Serving.Admin;
using Dynamo.Serving.Catalog;
using Dynamo.Serving.Dispatch;
using Dynamo.Serving.Generation;
using Dynamo.Serving.Liveness;
using Dynamo.Serving.Migration;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Dynamo.Serving;

/// <summary>Adds the frontend's side of the cluster.</summary>
public static class ServingExtensions
{
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
        silo.Services.AddSingleton<DispatchInstruments>();
        silo.Services.AddSingleton<MigrationInstruments>();
        silo.Services.AddSingleton<Dispatcher>();
        silo.Services.AddSingleton(migration);
        silo.Services.AddSingleton<StreamMover>();
        silo.Services.AddSingleton<RouterNotifier>();
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
}
