using Xunit;

namespace Dynamo.ClusterTests.Cluster.Events;

/// <summary>A test that needs nats-server; skipped, saying so, where it is not installed.</summary>
internal sealed class NatsFactAttribute : FactAttribute
{
    public NatsFactAttribute()
    {
        if (!NatsServer.IsInstalled)
        {
            Skip = "nats-server is not installed (apt-get install nats-server)";
        }
    }
}
