using Dynamo.Cluster.Settings;
using Dynamo.Diagnostics;
using Xunit;

namespace Dynamo.ClusterTests.Diagnostics;

public sealed class EnvironmentCheckTests
{
    [Theory]
    [InlineData("REDIS_ENDPOINTS=10.0.0.1:6379", null)]
    [InlineData("HEAD_NODE_IP=10.0.0.1", null)]
    [InlineData("HEAD_NODE_IP=10.0.0.1 REDIS_ENDPOINTS=10.0.0.9:6379", null)]
    [InlineData("REDIS_ENDPOINTS=10.0.0.1:6379 ETCD_ENDPOINTS=10.0.0.1:2379", "ETCD_ENDPOINTS: is '10.0.0.1:2379' and is not used")]
    [InlineData("HEAD_NODE_IP=10.0.0.1 REDIS_ENDPOINTS=127.0.0.1:6379", "REDIS_ENDPOINTS: is '127.0.0.1:6379', but HEAD_NODE_IP is '10.0.0.1'")]
    [InlineData("REDIS_ENDPOINTS=10.0.0.1:6379 NATS_SERVERS=nats://10.0.0.1:4222", "NATS_SERVERS: is 'nats://10.0.0.1:4222' and is not read")]
    [InlineData("REDIS_ENDPOINTS=10.0.0.1:6379 NATS_SERVER=nats://localhost:4222", "NATS_SERVER: is 'localhost:4222' while Redis is at 10.0.0.1:6379")]
    public void Findings_NameTheVariableThatContradictsAnother(string environment, string? expected)
    {
        Dictionary<string, string> variables = environment.Split(' ').Select(static entry => entry.Split('=')).ToDictionary(static pair => pair[0], static pair => pair[1]);
        ClusterSettingsReader reader = new(name => variables.GetValueOrDefault(name));
        ClusterSettings settings = reader.Read("10.0.0.2", siloPort: 1, gatewayPort: null);
        Assert.Empty(reader.Faults);

        Finding[] findings = EnvironmentCheck.Findings(name => variables.GetValueOrDefault(name), settings).Bad();

        if (expected is null)
        {
            Assert.Empty(findings);
        }
        else
        {
            Finding finding = Assert.Single(findings);
            Assert.StartsWith(expected, $"{finding.Subject}: {finding.Value}");
        }
    }
}
