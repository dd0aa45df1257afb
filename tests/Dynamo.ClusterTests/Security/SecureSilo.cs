using System.Net;
using Dynamo.Cluster;
using Dynamo.Cluster.Membership;
using Dynamo.Cluster.Placement;
using Dynamo.Cluster.Settings;
using Dynamo.Routing.Configuration;
using Dynamo.Security;
using Dynamo.Security.Keys;
using Dynamo.Serving;
using Dynamo.Serving.Migration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Dynamo.ClusterTests.Security;

/// <summary>A silo on real sockets and a real Redis, and clients of it.</summary>
internal sealed class SecureSilo : IAsyncDisposable
{
    private readonly IHost _host;

    private SecureSilo(IHost host, ClusterSettings settings, LineLogger<SecureSilo> log) => (_host, Settings, Log) = (host, settings, log);

    public ClusterSettings Settings { get; }

    public LineLogger<SecureSilo> Log { get; }

    public IServiceProvider Services => _host.Services;

    public IClusterHealth Health => Services.GetRequiredService<IClusterHealth>();

    public SiloAddress Address => Services.GetRequiredService<ILocalSiloDetails>().SiloAddress;

    public IGrainFactory Grains => Services.GetRequiredService<IGrainFactory>();

    public static Task<SecureSilo> StartAsync(RedisServer redis) =>
        StartAsync(ClusterAdmission.Enter(RedisServer.Settings(redis.Port) with { GatewayPort = FreePort.On(IPAddress.Loopback) }));

    public static async Task<SecureSilo> StartAsync(ClusterSettings settings)
    {
        LineLogger<SecureSilo> log = new();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(log).SetMinimumLevel(LogLevel.Warning).AddFilter("Dynamo.Cluster.Joining", LogLevel.Information).AddFilter("Orleans", LogLevel.None);
        builder.UseOrleans(silo =>
        {
            silo.UseRedisCluster(settings);
            silo.UseDynamo(SiloRoles.Frontend);
            silo.AddFrontendRole(new MigrationOptions(), new RouterOptions { BlockSize = 1 });
            silo.Services.AddSingleton<FrontendIds>();
        });
        IHost host = builder.Build();
        SecureSilo silo = new(host, settings, log);
        try
        {
            await host.StartAsync();
            return silo;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    /// <summary>A client of this silo's gateway; with no key, one that knows nothing of the handshake. A client that is refused tries on until it is cancelled.</summary>
    public async Task<IHost> ConnectAsync(ClusterKey? key, string? clusterId = null, ILoggerProvider? log = null, CancellationToken cancellationToken = default)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddFilter("Orleans", LogLevel.None);
        if (log is not null)
        {
            builder.Logging.AddProvider(log);
        }

        builder.UseOrleansClient(client =>
        {
            client.UseStaticClustering(new IPEndPoint(Settings.Address, Settings.GatewayPort));
            client.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (clusterId ?? Settings.ClusterId, "dynamo"));
            client.Configure<ClientMessagingOptions>(static options => options.ResponseTimeout = TimeSpan.FromSeconds(10));
            if (key is not null)
            {
                client.UseDynamoClusterKey(key);
            }
        });
        IHost host = builder.Build();
        try
        {
            await host.StartAsync(cancellationToken);
            return host;
        }
        catch
        {
            host.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(20));
        await _host.StopAsync(deadline.Token);
        _host.Dispose();
    }
}
