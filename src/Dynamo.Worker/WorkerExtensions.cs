using Dynamo.Cluster.Planes;
using Dynamo.Cluster.Telemetry;
using Dynamo.Engine.Execution;
using Dynamo.Worker.Engines;
using Dynamo.Worker.Instances;
using Dynamo.Worker.Offers;
using Dynamo.Worker.Responses;
using Dynamo.Worker.Telemetry;

namespace Dynamo.Worker;

/// <summary>Adds the worker's side.</summary>
public static class WorkerExtensions
{
    /// <summary>The silo offers GPUs and runs an engine on each. Needs an <see cref="IModelRunnerFactory"/> among the services.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="options">What it serves.</param>
    /// <param name="progress">Hears how far loading is.</param>
    public static ISiloBuilder AddWorkerRole(this ISiloBuilder silo, WorkerOptions options, IProgress<LoadProgress> progress)
    {
        silo.Services.AddSingleton(options);
        silo.Services.AddSingleton<ModelFileReader>();
        silo.Services.AddSingleton<IFrontendSender, FrontendServiceClient>();
        silo.Services.AddSingleton<WorkInstruments>();
        silo.Services.AddSingleton<IObservedInstruments, WorkerInstruments>();
        silo.Services.AddSingleton(services => new EngineHosts(options.NumGpus, () => new EngineHost(
            options,
            services.GetRequiredService<IModelRunnerFactory>(),
            services.GetRequiredService<IFrontendSender>(),
            services.GetRequiredService<IEventPlane>(),
            progress,
            services.GetRequiredService<WorkInstruments>(),
            services.GetRequiredService<TimeProvider>(),
            services.GetRequiredService<ILoggerFactory>())));
        silo.Services.AddHostedService<OfferService>();
        silo.Services.AddHostedService<WorkerDrainer>();
        return silo;
    }
}
