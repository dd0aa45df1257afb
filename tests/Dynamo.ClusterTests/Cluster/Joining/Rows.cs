using System.Net;

namespace Dynamo.ClusterTests.Cluster.Joining;

/// <summary>Rows of a membership table.</summary>
internal static class Rows
{
    public const string Host = "here";

    public static readonly DateTime Now = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static SiloAddress Silo(int port, int generation = 1, string address = "10.0.0.1") => SiloAddress.New(IPAddress.Parse(address), port, generation);

    public static MembershipEntry Row(SiloAddress silo, SiloStatus status = SiloStatus.Active, string host = Host) => new()
    {
        SiloAddress = silo,
        Status = status,
        HostName = host,
        SiloName = silo.ToString(),
        StartTime = Now,
        IAmAliveTime = Now,
    };
}
