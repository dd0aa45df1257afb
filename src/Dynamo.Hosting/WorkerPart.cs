using System.Runtime.CompilerServices;
using Dynamo.Cluster.Membership;
using Dynamo.Cluster.Placement;
using Dynamo.Cluster.Telemetry;
using Dynamo.Engine.Configuration;
using Dynamo.Engine.Execution;
using Dynamo.Protocol.Models;
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
    /// <summary>Adds it to a host.</summary>
    /// <exception cref="ArgumentException">A value is missing or out of range; the message names all of them.</exception>
    public static void AddTo(IHostApplicationBuilder builder, DynamoWorkerOptions options, IProgress<LoadProgress> progress)
    {
        IReadOnlyList<string> faults = options.Faults();
        if (faults.Count > 0)
        {
            throw new ArgumentException(string.Join(" ", faults));
        }

        HostSilo.Of(builder).Add(builder, SiloRoles.Worker, options.Cluster, options.Telemetry, silo =>
        {
            silo.Services.AddSingleton(options.Runners!);
            silo.AddWorkerRole(options.Worker, progress);
        });
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void AddTo(IHostApplicationBuilder builder, NodeOptions options) =>
        AddTo(builder, options.Worker!, new LoadProgressPrinter(Console.Error, isTerminal: !Console.IsErrorRedirected));

    /// <summary>Maps what a worker without a frontend answers by HTTP.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void MapSystem(WebApplication app, NodeOptions options)
    {
        app.MapSystem(app.Services.GetRequiredService<IMetricsExporter>(), app.Services.GetRequiredService<EngineHosts>(), options.Worker!.Worker.Model, app.Services.GetRequiredService<NodeState>());
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static TimeSpan DrainGraceOf(NodeOptions options) => options.Worker!.Worker.DrainGrace;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static string ModelOf(NodeOptions options) => options.Worker!.Worker.Model;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static string ReadyText(NodeOptions options) =>
        $"{(options.Worker!.Worker.NumGpus == 1 ? "worker is" : $"{options.Worker.Worker.NumGpus} workers are")} ready for model {options.Worker.Worker.Model}";

    /// <summary>Waits until the model is loaded on each GPU of the process and, where it has a frontend, that says by <c>/health</c> that it serves it.</summary>
    /// <exception cref="NodeStartException">The model cannot be loaded here.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static async Task UntilReadyAsync(IServiceProvider services, NodeOptions options, Task stopped)
    {
        EngineHosts engines = services.GetRequiredService<EngineHosts>();
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        while (!stopped.IsCompleted && !(engines.AreReady && (options.Http is null || FrontendPart.Serves(services, ModelOf(options)))))
        {
            if (engines.LoadFailed.IsCompleted)
            {
                Exception reason = await engines.LoadFailed;
                throw reason is ModelFolderException or EngineStartException or OutOfMemoryException or PlatformNotSupportedException
                    ? new NodeStartException(options.InOwnWords(reason.Message), reason)
                    : new InvalidOperationException($"The model cannot be loaded: {reason.Message}", reason);
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
