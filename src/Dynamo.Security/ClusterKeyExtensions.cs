using Dynamo.Security.Handshake;
using Dynamo.Security.Keys;
using Orleans.Configuration;

namespace Dynamo.Security;

/// <summary>Lets an Orleans client into a cluster that has a key.</summary>
public static class ClusterKeyExtensions
{
    /// <summary>The Orleans client shows the key to the frontends of the cluster, which take no other.</summary>
    /// <remarks>The client's <see cref="ClusterOptions.ClusterId"/> must be that of the cluster.</remarks>
    public static IClientBuilder UseDynamoClusterKey(this IClientBuilder client, ClusterKey key)
    {
        client.Services.AddClusterHandshake(key);
        client.Configure<ClientConnectionOptions>(static options =>
            options.ConfigureConnection(static builder => builder.UseClusterHandshake(HandshakeChannel.Gateway, isConnector: true)));
        return client;
    }
}
