using Dynamo.Cluster;
using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Routing;
using Dynamo.Cluster.Calls;
using Dynamo.Cluster.Deployments;
using Dynamo.Cluster.Placement;
using Dynamo.Diagnostics;
using Dynamo.Engine.Execution;
using Dynamo.Engine.Mock;
using Dynamo.Routing.Configuration;
using Dynamo.Serving;
using Dynamo.Serving.Admin;
using Dynamo.Serving.Catalog;
using Dynamo.Serving.Generation;
using Dynamo.Serving.Liveness;
using Dynamo.Serving.Migration;
using Dynamo.Worker;
using Dynamo.Worker.Engines;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Xunit;

namespace Dynamo.ClusterTests.Support;

/// <summary>A cluster of silos with the roles given, in this process; workers run the mock model.</summary>
internal sealed class DynamoCluster : IAsyncDisposable
{
    public const string Model = "mock";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly InProcessTestCluster _cluster;

    private readonly StepGate? _gate;

    private DynamoCluster(InProcessTestCluster cluster, StepGate? gate) => (_cluster, _gate) = (cluster, gate);

    /// <summary>Starts silos and waits until as many instances are ready as there are workers.</summary>
    /// <param name="silos">The roles of each.</param>
    /// <param name="mock">The workers' model.</param>
    /// <param name="configure">Changes the workers' options.</param>
    /// <param name="migration">How requests move.</param>
    /// <param name="gate">Holds the engines between two steps.</param>
    /// <param name="numerics">By silo: its workers' numerics class; all alike where it is not given.</param>
    /// <param name="more">Adds services to each silo.</param>
    public static async Task<DynamoCluster> StartAsync(
        IReadOnlyList<SiloRoles> silos,
        MockModelConfig? mock = null,
        Func<WorkerOptions, WorkerOptions>? configure = null,
        MigrationOptions? migration = null,
        StepGate? gate = null,
        IReadOnlyList<string>? numerics = null,
        Action<ISiloBuilder>? more = null)
    {
        WorkerOptions options = new() { Model = Model, Load = new ModelLoadOptions { ModelPath = "." }, NumBlocks = 64, BlockSize = 8, MaxBatchedTokens = 256 };
        options = configure?.Invoke(options) ?? options;
        InProcessTestClusterBuilder builder = new((short)silos.Count);
        builder.ConfigureSilo((specific, silo) =>
        {
            int number = int.Parse(specific.SiloName.AsSpan(specific.SiloName.LastIndexOf('_') + 1));
            SiloRoles roles = silos[number];
            MockModelConfig model = mock ?? gate?.Model ?? new MockModelConfig();
            silo.UseDynamo(roles);
            silo.AddDiagnostics();
            silo.AddMemoryGrainStorage(ClusterStorage.Name);
            silo.Services.AddSingleton<ISiloPort>(new MemoryPort());
            silo.Services.AddSingleton<IModelRunnerFactory>(new MockModelRunnerFactory(numerics is null ? model : model with { NumericsClass = numerics[number] }));
            if (roles.HasFlag(SiloRoles.Frontend))
            {
                silo.AddFrontendRole(migration ?? new MigrationOptions(), new RouterOptions { BlockSize = 1 });
            }

            if (roles.HasFlag(SiloRoles.Worker))
            {
                silo.AddWorkerRole(options, new Progress<LoadProgress>());
            }

            more?.Invoke(silo);
        });
        InProcessTestCluster cluster = builder.Build();
        await cluster.DeployAsync();
        DynamoCluster started = new(cluster, gate);
        await started.UntilAsync(
            () => started.Frontends.All(frontend => frontend.GetRequiredService<IModelCatalog>().Models is [{ IsReady: true }]
                && frontend.GetRequiredService<IClusterAdmin>().Workers.Count(static worker => worker.State == "ready") == options.NumGpus * silos.Count(static roles => roles.HasFlag(SiloRoles.Worker))),
            "every frontend to know that all workers are ready");

        // A silo that has just joined may be in the list of models before every other silo knows that grains can live there.
        await started.UntilAsync(async () => (await Task.WhenAll(started.Frontends.Select(started.ReachesAllAsync))).All(static reaches => reaches), "every frontend to reach every instance");
        await started.UntilAsync(
            async () => (await started.Grains.GetGrain<IRouterGrain>(Model).GetCachesAsync()).Length == started.Engines.Count(), "the router to know all workers");
        return started;
    }

    /// <summary>Services of every silo that is up.</summary>
    public IEnumerable<IServiceProvider> Silos => _cluster.Silos.Select(static silo => silo.ServiceProvider);

    public IEnumerable<IServiceProvider> Frontends => Silos.Where(static silo => silo.GetService<IGenerator>() is not null);

    public IEnumerable<EngineHost> Engines => Silos.SelectMany(static silo => silo.GetService<EngineHosts>()?.All ?? []);

    public IGenerator Generator => Frontends.First().GetRequiredService<IGenerator>();

    public IGrainFactory Grains => Frontends.First().GetRequiredService<IGrainFactory>();

    /// <summary>Ends the silo of an engine without a farewell.</summary>
    public Task KillAsync(EngineHost engine) =>
        _cluster.KillSiloAsync(_cluster.Silos.Single(silo => silo.ServiceProvider.GetService<EngineHosts>()?.All.Contains(engine) ?? false));

    /// <summary>Waits for something that happens on other threads, looking again each time after giving them way.</summary>
    public Task UntilAsync(Func<bool> isTrue, string what) => UntilAsync(() => Task.FromResult(isTrue()), what);

    /// <summary>As the other.</summary>
    public async Task UntilAsync(Func<Task<bool>> isTrue, string what)
    {
        using CancellationTokenSource deadline = new(Deadline);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(5));
        while (!await isTrue())
        {
            Assert.True(!deadline.IsCancellationRequested, $"waited {Deadline} for {what}");
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    private async Task<bool> ReachesAllAsync(IServiceProvider frontend)
    {
        try
        {
            foreach (EngineHost engine in Engines)
            {
                InstanceKey? key = frontend.GetRequiredService<IWorkerLocator>().InstanceOf(engine.Report().Worker);
                if (key is not { } instance)
                {
                    return false;
                }

                await frontend.GetRequiredService<IGrainFactory>().GetGrain<IModelInstanceGrain>(instance.ToString()).ReportAsync();
            }

            return true;
        }
        catch (Exception e) when (FailedCalls.IsUnreachable(e))
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _gate?.Open();
        await _cluster.DisposeAsync();
    }

    // These silos talk through memory: no port of theirs can be asked.
    private sealed class MemoryPort : ISiloPort
    {
        public Task<bool> IsRefusedAsync(SiloAddress silo) => Task.FromResult(false);
    }
}
