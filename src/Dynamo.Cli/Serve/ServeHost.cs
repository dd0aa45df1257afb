using System.Net;
using System.Net.Sockets;
using Dynamo.Cluster.Hosting;
using Dynamo.Cluster.Placement;
using Dynamo.Cluster.Serving;
using Dynamo.Cluster.Workers;
using Dynamo.Engine;
using Dynamo.Engine.Execution;
using Dynamo.Frontend;
using Dynamo.Protocol.Models;
using Dynamo.Torch;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Dashboard;
using Prometheus;

namespace Dynamo.Cli.Serve;

/// <summary>One process that is a whole cluster: a silo with both roles, and the HTTP surface.</summary>
internal static class ServeHost
{
    private const string DashboardPath = "/dashboard";

    // Dynamo's frontend gives running requests 5 s to end.
    private static readonly TimeSpan ShutdownGrace = TimeSpan.FromSeconds(5);

    /// <summary>Serves until the token or a signal ends it.</summary>
    /// <returns>Exit code 0.</returns>
    /// <exception cref="CommandFault">The port is taken, or the model cannot be loaded here.</exception>
    public static async Task<int> RunAsync(WorkerOptions worker, IPEndPoint http, CancellationToken cancellationToken)
    {
        await using WebApplication app = Build(worker, http);
        await StartAsync(app, http, cancellationToken);
        EngineHost engine = app.Services.GetRequiredService<EngineHost>();
        string address = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        Task stopped = app.WaitForShutdownAsync(cancellationToken);
        try
        {
            await UntilReadyAsync(app.Services.GetRequiredService<IModelCatalog>(), engine.LoadFailed, stopped);
            if (!stopped.IsCompleted)
            {
                Console.Error.WriteLine($"dynamo: serving {worker.Model} on {address} (OpenAI API under /v1{(IPAddress.IsLoopback(http.Address) ? $"; Orleans Dashboard under {DashboardPath}" : "")})");
                await stopped;
            }
        }
        finally
        {
            await app.StopAsync(CancellationToken.None);
        }

        return 0;
    }

    private static WebApplication Build(WorkerOptions worker, IPEndPoint http)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "dynamo" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.Listen(http));
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(static options => options.ShutdownTimeout = ShutdownGrace);
        ServeLogging.Configure(builder.Logging);
        builder.Services.AddSingleton<IModelRunnerFactory, TorchModelRunnerFactory>();
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(LoopbackPorts.Free(), gatewayPort: 0);
            silo.UseDynamo(SiloRoles.Frontend | SiloRoles.Worker);
            silo.AddFrontendRole();
            silo.AddWorkerRole(worker, new LoadProgressPrinter(Console.Error, isTerminal: !Console.IsErrorRedirected));
            silo.AddDashboard(static options => options.HideTrace = true);
        });
        builder.Services.AddDynamoFrontend(new FrontendOptions());

        WebApplication app = builder.Build();
        WorkerMetrics.Register(app.Services.GetRequiredService<CollectorRegistry>(), app.Services.GetRequiredService<EngineHost>(), worker.Model);
        app.MapDynamoFrontend();
        if (IPAddress.IsLoopback(http.Address))
        {
            // It has no authentication of its own.
            app.MapOrleansDashboard(DashboardPath);
        }

        return app;
    }

    private static async Task StartAsync(WebApplication app, IPEndPoint http, CancellationToken cancellationToken)
    {
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new CommandFault($"port {http.Port} on {http.Address} is taken by another program; give another one with --http-port, or 0 for a free one.", e);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AccessDenied)
        {
            throw new CommandFault($"cannot listen on {http}: {e.Message}. Give an address of this machine with --http-host and a port that you may use with --http-port.", e);
        }
    }

    private static async Task UntilReadyAsync(IModelCatalog catalog, Task<Exception> loadFailed, Task stopped)
    {
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        while (!stopped.IsCompleted && catalog.Models is not [{ IsReady: true }, ..])
        {
            if (loadFailed.IsCompleted)
            {
                Exception reason = await loadFailed;
                throw reason is ModelFolderException or EngineStartException or OutOfMemoryException or PlatformNotSupportedException
                    ? new CommandFault(reason.Message, reason)
                    : new InvalidOperationException($"The model cannot be loaded: {reason.Message}", reason);
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
