using Dynamo.Security.Keys;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Dynamo.Security.Handshake;

/// <summary>Puts the handshake of the cluster key on connections of Orleans.</summary>
public static class HandshakeExtensions
{
    /// <summary>Adds what <see cref="UseClusterHandshake"/> needs.</summary>
    public static void AddClusterHandshake(this IServiceCollection services, ClusterKey key)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<RepeatedFaults>();
        services.AddSingleton(provider => new ClusterHandshake(
            key,
            provider.GetRequiredService<IOptions<ClusterOptions>>().Value.ClusterId,
            provider.GetRequiredService<TimeProvider>()));
    }

    /// <summary>Nothing passes the connection before both sides have shown that they know the key.</summary>
    /// <param name="builder">The connections of one kind.</param>
    /// <param name="channel">The kind.</param>
    /// <param name="isConnector">Whether this side connects.</param>
    public static void UseClusterHandshake(this IConnectionBuilder builder, HandshakeChannel channel, bool isConnector)
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
