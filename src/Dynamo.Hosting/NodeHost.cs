using System.Net;
using System.Net.Sockets;
using Dynamo.Frontend;
using Dynamo.Hosting.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Orleans.Dashboard;

namespace Dynamo.Hosting;

/// <summary>One process: a silo with its roles and, on a frontend, the HTTP surface.</summary>
public static class NodeHost
{
    private const string DashboardPath = "/dashboard";

    // Requests of a frontend, which run elsewhere, may end; Kubernetes kills after 30 s. Where a worker is too, its own time counts.
    private static readonly TimeSpan ShutdownGrace = TimeSpan.FromSeconds(20);

    /// <summary>Runs until the token or a signal ends it.</summary>
    /// <returns>Exit code 0.</returns>
    /// <exception cref="NodeStartException">The port is taken, or the model cannot be loaded here.</exception>
    public static async Task<int> RunAsync(NodeOptions options, CancellationToken cancellationToken)
    {
        using IHost host = options.Http is { } http ? BuildFrontend(options, http) : BuildWorker(options);
        await StartAsync(host, options, cancellationToken);
        Task stopped = host.WaitForShutdownAsync(cancellationToken);
        try
        {
            if (options.IsWorker)
            {
                await WorkerPart.UntilReadyAsync(host.Services, options, stopped);
            }

            if (!stopped.IsCompleted)
            {
                Console.Error.WriteLine($"dynamo: {ReadyText(host.Services, options)}");
                await stopped;
            }
        }
        catch (NodeStartException e)
        {
            // Nothing runs here that could be lost, and a silo that leaves in the middle of forming says so in stack traces.
            Console.Error.WriteLine($"dynamo: {e.Message}");
            Environment.Exit(1);
        }
        finally
        {
            if (!stopped.IsCompleted)
            {
                await host.StopAsync(CancellationToken.None);
            }
        }

        return 0;
    }

    private static IHost BuildFrontend(NodeOptions options, IPEndPoint http)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "dynamo" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(http));
        builder.Services.AddRoutingCore();
        builder.Services.AddCrowdedConnections();
        Configure(builder, options);

        WebApplication app = builder.Build();
        app.MapDynamo();
        app.MapUnknownPaths();

        // It has no authentication of its own.
        app.MapOrleansDashboard(DashboardPath).RequireDynamoOperator(app.Services);
        return app;
    }

    private static IHost BuildWorker(NodeOptions options)
    {
        if (options.System is { } system)
        {
            return BuildWorker(options, system);
        }

        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "dynamo" });
        Configure(builder, options);
        return builder.Build();
    }

    private static IHost BuildWorker(NodeOptions options, IPEndPoint system)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "dynamo" });
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(system));
        builder.Services.AddRoutingCore();
        Configure(builder, options);

        WebApplication app = builder.Build();
        WorkerPart.MapSystem(app, options);
        return app;
    }

    private static void Configure(IHostApplicationBuilder builder, NodeOptions options)
    {
        TimeSpan drainGrace = options.IsWorker ? WorkerPart.DrainGraceOf(options) : TimeSpan.Zero;
        NodeLogging.Configure(builder.Logging);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownGrace + drainGrace + LeaveLimit.Timeout);
        HostSilo.Of(builder).BeginWith(static silo => silo.Services.AddHostedService<LeaveLimit>());
        OpenTelemetryExport.AddTo(builder, EnvironmentVariables.All);
        if (options.Http is not null)
        {
            FrontendPart.AddTo(builder, options.Frontend);
        }

        if (options.IsWorker)
        {
            WorkerPart.AddTo(builder, options);
        }

        InnerServices.Take(builder.Services);
    }

    private static async Task StartAsync(IHost host, NodeOptions options, CancellationToken cancellationToken)
    {
        IPEndPoint? http = options.Http ?? options.System;
        string flag = options.Http is null ? "system" : "http";
        try
        {
            await host.StartAsync(cancellationToken);
        }
        catch (IOException e) when (e.InnerException is AddressInUseException)
        {
            throw new NodeStartException($"port {http?.Port} on {http?.Address} is taken by another program; give another one with --{flag}-port, or 0 for a free one.", e);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AccessDenied)
        {
            throw new NodeStartException($"cannot listen on {http}: {e.Message}. Give an address of this machine with --{flag}-host and a port that you may use with --{flag}-port.", e);
        }
    }

    private static string ReadyText(IServiceProvider services, NodeOptions options)
    {
        if (options.Http is not { } http)
        {
            string system = options.System is null ? "" : $" (/health and /metrics on {AddressOf(services)})";
            return WorkerPart.ReadyText(options) + system;
        }

        string address = AddressOf(services);
        string keys = options.Frontend.Frontend.ApiKeys.Count > 0 || IPAddress.IsLoopback(http.Address) ? "" : ", open to everybody who reaches it: --api-key asks for a key";
        return $"serving {(options.IsWorker ? WorkerPart.ModelOf(options) : "the cluster's models")} on {address} (OpenAI API under /v1{keys}; Orleans Dashboard under {DashboardPath})";
    }

    private static string AddressOf(IServiceProvider services) =>
        services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
}
