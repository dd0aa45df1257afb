using System.Net;
using Dynamo.Cluster.Net;
using Dynamo.Diagnostics;
using Xunit;

namespace Dynamo.ClusterTests.Diagnostics;

public sealed class MeshCheckTests
{
    private static readonly IPEndPoint A = new(IPAddress.Parse("10.0.0.1"), 100);
    private static readonly IPEndPoint B = new(IPAddress.Parse("10.0.0.2"), 100);

    [Fact]
    public void Findings_FullMesh_IsOneLine()
    {
        MeshLink[] links = [new(MeshCheck.ThisHost, A, TcpAnswer.Connected), new("10.0.0.1:100", B, TcpAnswer.Connected), new("10.0.0.2:100", A, TcpAnswer.Connected)];

        Assert.Equal(Finding.Ok("mesh", "all", "3 of 3 connections between members and from this host can be made"), Assert.Single(MeshCheck.Findings(links)));
    }

    [Fact]
    public void Findings_OneWayFirewall_NamesWhoCannotReachWhom()
    {
        MeshLink[] links = [new("10.0.0.1:100", B, TcpAnswer.Silence), new("10.0.0.2:100", A, TcpAnswer.Connected)];

        Finding finding = Assert.Single(MeshCheck.Findings(links));

        Assert.Equal((FindingStatus.Failure, "10.0.0.1:100 cannot reach 10.0.0.2:100"), (finding.Status, finding.Subject));
        Assert.EndsWith("; the other way works, so a firewall lets only one direction through", finding.Value);
        Assert.StartsWith("open TCP port 100 on 10.0.0.2 for every node", finding.Advice);
    }

    [Fact]
    public void Findings_BothWaysClosed_AreTwo()
    {
        MeshLink[] links = [new("10.0.0.1:100", B, TcpAnswer.Refused), new("10.0.0.2:100", A, TcpAnswer.NoRoute)];

        Assert.Equal(
            [
                ("10.0.0.1:100 cannot reach 10.0.0.2:100", "connection refused: the host is up and nothing listens on this port"),
                ("10.0.0.2:100 cannot reach 10.0.0.1:100", "no route: the address belongs to a network that this host does not reach"),
            ],
            MeshCheck.Findings(links).Select(static finding => (finding.Subject, finding.Value)));
    }

    [Fact]
    public void Links_AreThoseOfMembersThatAnswered()
    {
        ClusterDiagnosis diagnosis = new()
        {
            Members = [Samples.Member("10.0.0.1", peers: new PeerAnswer(B, TcpAnswer.Refused)), new MemberDiagnosis { Silo = Samples.Silo("10.0.0.2"), Error = "hangs" }],
            Instances = [],
        };

        Assert.Equal([new MeshLink("10.0.0.1:100", B, TcpAnswer.Refused)], MeshCheck.Links(diagnosis));
    }
}
