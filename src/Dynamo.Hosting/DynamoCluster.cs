using Dynamo.Cluster.Membership;
using Dynamo.Cluster.Settings;
using Microsoft.Extensions.Configuration;

namespace Dynamo.Hosting;

/// <summary>The cluster that a program joins.</summary>
public static class DynamoCluster
{
    /// <summary>
    /// Reads where the cluster is, from the names of Dynamo's guide (<c>REDIS_ENDPOINTS</c>, <c>NATS_SERVER</c>, <c>HEAD_NODE_IP</c>, <c>DYN_NAMESPACE</c>,
    /// <c>DYN_CLUSTER_KEY</c>) in the environment or anywhere else in a host's configuration, and agrees on the key with it. Blocks until Redis has answered.
    /// </summary>
    /// <param name="configuration">The host's configuration.</param>
    /// <param name="address">IP address that other nodes reach this one at; <see langword="null"/>: the one on the route to Redis.</param>
    /// <param name="siloPort">TCP port for other silos; 0: a free one.</param>
    /// <param name="gatewayPort">TCP port for Orleans clients; 0: a free one; <see langword="null"/>: none.</param>
    /// <exception cref="ArgumentException">Something cannot be; the message names all of it.</exception>
    /// <exception cref="ClusterAdmissionException">The cluster cannot be reached, or has another key.</exception>
    public static ClusterSettings FromConfiguration(IConfiguration configuration, string? address = null, int siloPort = 0, int? gatewayPort = null)
    {
        ClusterSettingsReader reader = new(name => configuration[name]);
        ClusterSettings settings = reader.Read(address, siloPort, gatewayPort);
        return reader.Faults.Count == 0 ? ClusterAdmission.Enter(settings) : throw new ArgumentException(string.Join(" ", reader.Faults));
    }
}
