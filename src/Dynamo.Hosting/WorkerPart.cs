using System.Runtime.CompilerServices;
using Dynamo.Cluster.Membership;
using Dynamo.Engine.Configuration;
using Dynamo.Frontend.Metrics;
using Dynamo.Protocol.Models;
using Dynamo.Serving.Catalog;
using Dynamo.Worker;
using Dynamo.Worker.Engines;
using Microsoft.AspNetCore.Builder;

namespace Dynamo.Hosting;

/// <summary>
/// What a process with a worker has besides. All that names types of a worker is here and in no method that others run: a frontend loads neither the
/// engine nor libtorch.
/// </summary>
internal static class WorkerPart
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void AddTo(ISiloBuilder silo, NodeOptions options)
    {
        silo.Services.AddSingleton(options.Runners ?? throw new ArgumentException("A worker needs to know how to load a model.", nameof(options)));
        silo.AddWorkerRole(options.Worker!, new LoadProgressPrinter(Console.Error, isTerminal: !Console.IsErrorRedirected));
    }

    /// <summary>Maps what a worker without a frontend answers by HTTP.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void MapSystem(WebApplication app, NodeOptions options)
    {
        app.MapSystem(app.Services.GetRequiredService<IMetricsExporter>(), app.Services.GetRequiredService<EngineHosts>(), options.Worker!.Model, app.Services.GetRequiredService<NodeState>());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static TimeSpan DrainGraceOf(NodeOptions options) => options.Worker!.DrainGrace;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static string ModelOf(NodeOptions options) => options.Worker!.Model;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static string ReadyText(NodeOptions options) =>
        $"{(options.Worker!.NumGpus == 1 ? "worker is" : $"{options.Worker.NumGpus} workers are")} ready for model {options.Worker.Model}";

    /// <summary>Waits until the model is loaded on each GPU of the process and, where it has a frontend, that says by <c>/health</c> that it serves it.</summary>
    /// <exception cref="NodeStartException">The model cannot be loaded here.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static async Task UntilReadyAsync(IServiceProvider services, NodeOptions options, Task stopped)
    {
        EngineHosts engines = services.GetRequiredService<EngineHosts>();
        IModelCatalog? catalog = services.GetService<IModelCatalog>();
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        while (!stopped.IsCompleted && !(engines.AreReady && (catalog is null || catalog.Models.Any(model => model.IsReady && model.Name == options.Worker!.Model))))
        {
            if (engines.LoadFailed.IsCompleted)
            {
                Exception reason = await engines.LoadFailed;
                throw reason is ModelFolderException or EngineStartException or OutOfMemoryException or PlatformNotSupportedException
                    ? new NodeStartException(reason.Message, reason)
                    : new InvalidOperationException($"The model cannot be loaded: {reason.Message}", reason);
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
