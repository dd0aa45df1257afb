using System.Net;
using Dynamo.Cluster.Settings;
using Dynamo.Diagnostics;

namespace Dynamo.ClusterTests.Diagnostics;

/// <summary>Small parts of a cluster to look at.</summary>
internal static class Samples
{
    public static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static SiloAddress Silo(string address, int port = 100, int generation = 7) => SiloAddress.New(IPAddress.Parse(address), port, generation);

    public static MembershipRow Row(string address, SiloStatus status = SiloStatus.Active, double seenSecondsAgo = 5, int generation = 7, double upSeconds = 600) =>
        new(Silo(address, generation: generation), status, GatewayPort: 0, "host", Now.AddSeconds(-upSeconds), Now.AddSeconds(-seenSecondsAgo));

    public static ClusterSettings Settings(string redis = "10.0.0.1", string address = "10.0.0.2", string? nats = null) => new()
    {
        Redis = [new DnsEndPoint(redis, 6379)],
        Nats = nats is null ? null : NatsAccess.Of(new Uri(nats)),
        Address = IPAddress.Parse(address),
        SiloPort = 1,
        ClusterId = "dynamo",
    };

    public static MemberDiagnosis Member(string address, string version = "1", double clockSeconds = 0, double roundTripSeconds = 0, params PeerAnswer[] peers) => new()
    {
        Silo = Silo(address),
        Answer = new SiloDiagnosis { Roles = "Worker", Version = version, Received = Now, Answered = Now, Peers = peers },
        ClockOffset = TimeSpan.FromSeconds(clockSeconds),
        RoundTrip = TimeSpan.FromSeconds(roundTripSeconds),
    };

    /// <summary>Everything that is not as it should be.</summary>
    public static Finding[] Bad(this IEnumerable<Finding> findings) => [.. findings.Where(static finding => finding.Status != FindingStatus.Ok)];
}
