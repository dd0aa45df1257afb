using Dynamo.Cluster.Security.Handshake;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Dynamo.Cluster.Security;

/// <summary>Puts the handshake of the cluster key on every connection of Orleans.</summary>
public static class ClusterKeyExtensions
{
    /// <summary>The silo talks only to silos and clients that know the key.</summary>
    public static ISiloBuilder UseClusterKey(this ISiloBuilder silo, ClusterKey key)
    {
        AddHandshake(silo.Services, key);
        silo.Configure<SiloConnectionOptions>(static options =>
        {
            options.ConfigureSiloInboundConnection(static builder => Use(builder, HandshakeChannel.Silo, isConnector: false));
            options.ConfigureSiloOutboundConnection(static builder => Use(builder, HandshakeChannel.Silo, isConnector: true));
            options.ConfigureGatewayInboundConnection(static builder => Use(builder, HandshakeChannel.Gateway, isConnector: false));
        });
        return silo;
    }

    /// <summary>The Orleans client shows the key to the frontends of the cluster, which take no other.</summary>
    /// <remarks>The client's <see cref="ClusterOptions.ClusterId"/> must be that of the cluster.</remarks>
    public static IClientBuilder UseDynamoClusterKey(this IClientBuilder client, ClusterKey key)
    {
        AddHandshake(client.Services, key);
        client.Configure<ClientConnectionOptions>(static options =>
            options.ConfigureConnection(static builder => Use(builder, HandshakeChannel.Gateway, isConnector: true)));
        return client;
    }

    private static void AddHandshake(IServiceCollection services, ClusterKey key)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<RepeatedFaults>();
        services.AddSingleton(provider => new ClusterHandshake(
            key,
            provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId,
            provider.GetRequiredService<TimeProvider>()));
    }

    private static void Use(IConnectionBuilder builder, HandshakeChannel channel, bool isConnector)
    {
        IServiceProvider services = builder.ApplicationServices;
        builder.UseMiddleware(new HandshakeMiddleware(
            services.GetRequiredService<ClusterHandshake>(),
            channel,
            isConnector,
            services.GetRequiredService<RepeatedFaults>(),
            services.GetRequiredService<ILogger<ClusterHandshake>>()));
    }
}
