using System.Net;
using Dynamo.Cluster;
using Dynamo.Cluster.Placement;
using Dynamo.Cluster.Routing;
using Dynamo.Cluster.Settings;
using Dynamo.Routing.Configuration;
using Dynamo.Security.Keys;
using Dynamo.Serving;
using Dynamo.Serving.Migration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Dynamo.Benchmarks.Decisions;

/// <summary>Two frontend silos of this process that talk over loopback TCP, with the handshake of a cluster key.</summary>
internal sealed class GrainCluster : IAsyncDisposable
{
    private readonly List<IHost> _silos = [];

    private GrainCluster()
    {
    }

    /// <summary>Address of the first silo.</summary>
    public SiloAddress Address => _silos[0].Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

    /// <summary>Starts both.</summary>
    /// <param name="router">How routers decide.</param>
    /// <param name="workers">Answers for the workers, of which there are none.</param>
    public static async Task<GrainCluster> StartAsync(RouterOptions router, ScriptedFleet workers)
    {
        GrainCluster cluster = new();
        ClusterKey key = ClusterKey.Create();
        IPEndPoint first = new(IPAddress.Loopback, FreePort.On(IPAddress.Loopback));
        try
        {
            for (int i = 0; i < 2; i++)
            {
                int port = i == 0 ? first.Port : FreePort.On(IPAddress.Loopback);
                HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
                builder.UseOrleans(silo =>
                {
                    silo.UseLocalhostClustering(port, gatewayPort: 0, first);
                    silo.UseClusterKey(key);
                    silo.UseDynamo(SiloRoles.Frontend);
                    silo.AddFrontendRole(new MigrationOptions(), router);
                    silo.AddOutgoingGrainCallFilter(workers);
                });
                IHost host = builder.Build();
                cluster._silos.Add(host);
                await host.StartAsync();
            }

            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Grains as the silo with a model's router sees them, and as the other one does. The router must have run for a second.</summary>
    public (IGrainFactory Local, IGrainFactory Remote) CallersOf(string model)
    {
        IHost local = _silos.Single(silo => silo.Services.GetRequiredService<RouterInstruments>().Of(model) is not null);
        IHost remote = _silos.Single(silo => silo != local);
        return (local.Services.GetRequiredService<IGrainFactory>(), remote.Services.GetRequiredService<IGrainFactory>());
    }

    /// <summary>Grains as the first silo sees them.</summary>
    public IGrainFactory Grains => _silos[0].Services.GetRequiredService<IGrainFactory>();

    public async ValueTask DisposeAsync()
    {
        foreach (IHost silo in Enumerable.Reverse(_silos))
        {
            await silo.StopAsync();
            silo.Dispose();
        }
    }
}
