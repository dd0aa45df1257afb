using Dynamo.Security.Handshake;
using Dynamo.Security.Keys;
using Orleans.Configuration;

namespace Dynamo.Cluster;

/// <summary>Puts the cluster key on every connection of a silo.</summary>
public static class SiloClusterKeyExtensions
{
    /// <summary>The silo talks only to silos and clients that know the key.</summary>
    public static ISiloBuilder UseClusterKey(this ISiloBuilder silo, ClusterKey key)
    {
        silo.Services.AddClusterHandshake(key);
        silo.Configure<SiloConnectionOptions>(static options =>
        {
            options.ConfigureSiloInboundConnection(static builder => builder.UseClusterHandshake(HandshakeChannel.Silo, isConnector: false));
            options.ConfigureSiloOutboundConnection(static builder => builder.UseClusterHandshake(HandshakeChannel.Silo, isConnector: true));
            options.ConfigureGatewayInboundConnection(static builder => builder.UseClusterHandshake(HandshakeChannel.Gateway, isConnector: false));
        });
        return silo;
    }
}
