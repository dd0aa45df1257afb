using System.Net;
using Dynamo.Diagnostics;
using Xunit;

namespace Dynamo.ClusterTests.Diagnostics;

public sealed class AddressCheckTests
{
    private static readonly (string, IPAddress)[] Own = [("lo", IPAddress.Loopback), ("eth0", IPAddress.Parse("10.0.0.2"))];

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.2", FindingStatus.Ok, "is on eth0")]
    [InlineData("localhost", "127.0.0.1", FindingStatus.Ok, "is on lo")]
    [InlineData("10.0.0.1", "10.0.0.3", FindingStatus.Failure, "is on no interface of this host; it has 10.0.0.2 (eth0)")]
    [InlineData("10.0.0.1", "127.0.0.1", FindingStatus.Failure, "would be advertised to other nodes, which cannot reach it: it is this host's loopback address")]
    public void Findings_SayWhetherOthersCanUseTheAddress(string redis, string address, FindingStatus status, string value)
    {
        Finding finding = Assert.Single(AddressCheck.Findings(Samples.Settings(redis, address), Own));

        Assert.Equal((status, address, value), (finding.Status, finding.Subject, finding.Value));
    }
}
