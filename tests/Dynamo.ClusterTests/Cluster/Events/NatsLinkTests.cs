using System.Net;
using System.Net.Sockets;
using Dynamo.Cluster.Planes;
using Dynamo.Cluster.Settings;
using Dynamo.ClusterTests.Security;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Events;

public sealed class NatsLinkTests
{
    [Fact]
    public async Task Stop_WhileTheServerSaysNothing_EndsWithoutAFault()
    {
        using TcpListener server = new(IPAddress.Loopback, 0);
        server.Start();
        NatsLink link = new(NatsAccess.Of(new Uri($"nats://{server.LocalEndpoint}")), TimeProvider.System, new LineLogger<NatsLink>());
        await link.StartAsync(CancellationToken.None);
        using TcpClient client = await server.AcceptTcpClientAsync();

        await link.StopAsync(CancellationToken.None);

        await Record.ExceptionAsync(() => link.ExecuteTask!);
        Assert.False(link.ExecuteTask!.IsFaulted);
    }
}
