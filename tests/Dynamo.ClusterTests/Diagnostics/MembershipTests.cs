using Dynamo.Diagnostics;
using Xunit;

namespace Dynamo.ClusterTests.Diagnostics;

public sealed class MembershipTests
{
    // As the Redis provider of Orleans 10.4 wrote it.
    private const string Json = """
        {"SiloAddress":{"SiloAddress":"127.0.0.1:38053@154569235"},"Status":3,"SuspectTimes":[],"ProxyPort":46793,"HostName":"vm","SiloName":"Silo_58e7e",
        "RoleName":"dynamo","UpdateZone":0,"FaultZone":0,"StartTime":"2026-11-24T23:53:55.1350278Z","IAmAliveTime":"2026-11-24T23:53:58.6760027Z"}
        """;

    [Fact]
    public void Parse_ReadsARow()
    {
        MembershipRow row = MembershipRow.Parse(Json)!;

        Assert.Equal("S127.0.0.1:38053:154569235", row.Silo.ToString());
        Assert.Equal((SiloStatus.Active, 46793, "vm"), (row.Status, row.GatewayPort, row.HostName));
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 23, 53, 58, TimeSpan.Zero).AddTicks(6760027), row.LastSeen);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("nonsense")]
    [InlineData("{}")]
    [InlineData("""{"SiloAddress":{"SiloAddress":"nowhere"},"Status":3}""")]
    [InlineData("""{"SiloAddress":{"SiloAddress":"127.0.0.1:1@2"},"Status":"Active"}""")]
    public void Parse_WhatIsNoRow_IsNull(string json) => Assert.Null(MembershipRow.Parse(json));

    [Fact]
    public void Findings_ActiveRows_AreDescribed()
    {
        Finding[] findings = [.. Findings(Samples.Row("10.0.0.1"), Samples.Row("10.0.0.2", SiloStatus.Dead))];

        Assert.Equal([Finding.Ok("member", "10.0.0.1:100", "active, no gateway, host host, up 10 min, seen 5.0 s ago")], findings);
    }

    [Fact]
    public void Findings_StaleRow_IsAFailureWithTheCommandThatRemovesIt()
    {
        Finding finding = Assert.Single(Findings(Samples.Row("10.0.0.1"), Samples.Row("10.0.0.2", seenSecondsAgo: 100)).Bad());

        Assert.Equal((FindingStatus.Failure, "10.0.0.2:100"), (finding.Status, finding.Subject));
        Assert.StartsWith("is listed as active but has not renewed its row for 100 s", finding.Value);
        Assert.EndsWith("hdel table S10.0.0.2:100:7", finding.Advice);
    }

    [Fact]
    public void Findings_LoopbackAddressAmongOthers_IsAFailure()
    {
        Finding finding = Assert.Single(Findings(Samples.Row("10.0.0.1"), Samples.Row("127.0.0.1")).Bad());

        Assert.StartsWith("advertises its loopback address", finding.Value);
        Assert.Empty(Findings(Samples.Row("127.0.0.1")).Bad());
    }

    [Fact]
    public void Findings_OnePortTwice_OldJoiner_AndNobody_AreWarnings()
    {
        Assert.StartsWith("is listed as active 2 times", Assert.Single(Findings(Samples.Row("10.0.0.1"), Samples.Row("10.0.0.1", generation: 8)).Bad()).Value);
        Assert.StartsWith("has been joining for 10 min", Assert.Single(Findings(Samples.Row("10.0.0.1"), Samples.Row("10.0.0.2", SiloStatus.Joining)).Bad()).Value);
        Assert.Empty(Findings(Samples.Row("10.0.0.1"), Samples.Row("10.0.0.2", SiloStatus.Joining, upSeconds: 60)).Bad());
        Assert.Equal("no silo is active in this cluster", Assert.Single(Findings()).Value);
    }

    private static IEnumerable<Finding> Findings(params MembershipRow[] rows) => MembershipCheck.Findings(rows, Samples.Now, "redis-cli hdel table");
}
