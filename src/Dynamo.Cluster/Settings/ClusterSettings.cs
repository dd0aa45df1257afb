using System.Net;
using Dynamo.Security.Keys;

namespace Dynamo.Cluster.Settings;

/// <summary>Where a process finds the rest of its cluster, and where the rest finds it. Immutable.</summary>
public sealed record ClusterSettings
{
    /// <summary>Redis servers that hold the membership table.</summary>
    public required IReadOnlyList<DnsEndPoint> Redis { get; init; }

    /// <summary>How they are to be spoken to.</summary>
    public RedisAccess RedisAccess { get; init; } = RedisAccess.Open;

    /// <summary>NATS servers of the event plane, or <see langword="null"/>: events travel in grain calls.</summary>
    public NatsAccess? Nats { get; init; }

    /// <summary>Address that other silos reach this one at.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>Port for other silos.</summary>
    public required int SiloPort { get; init; }

    /// <summary>Port for Orleans clients; 0 for none.</summary>
    public int GatewayPort { get; init; }

    /// <summary>Name of the cluster: silos with the same one and the same Redis form one.</summary>
    public required string ClusterId { get; init; }

    /// <summary>The cluster key as given; after <see cref="Membership.ClusterAdmission.Enter(ClusterSettings)"/>, the one agreed on.</summary>
    public ClusterKey? Key { get; init; }
}
