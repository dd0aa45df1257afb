using System.Net;
using System.Net.Sockets;
using System.Text;
using Dynamo.Cluster.Net;
using Dynamo.Cluster.Settings;
using Dynamo.Diagnostics;
using Xunit;

namespace Dynamo.ClusterTests.Diagnostics;

public sealed class EndpointProbeTests
{
    private const string Greeting = """INFO {"server_id":"N","version":"2.9.10","proto":1,"max_payload":1048576,"headers":true,"client_id":4}""";

    [Fact]
    public async Task Nats_Greeting_IsRead()
    {
        Finding finding = await AskNatsAsync(Greeting + " \r\n");

        Assert.Equal((FindingStatus.Ok, "NATS 2.9.10, messages of up to 1048576 bytes"), (finding.Status, finding.Value));
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n", "what answers is no NATS server: it began with 'HTTP/1.1 400 Bad Request'")]
    [InlineData("INFO {\r\n", "what answers is no NATS server: it began with 'INFO {'")]
    [InlineData("", "what answers is no NATS server: it began with ''")]
    public async Task Nats_AnotherServer_IsNamedByHowItBegins(string greeting, string expected)
    {
        Finding finding = await AskNatsAsync(greeting);

        Assert.Equal((FindingStatus.Failure, expected), (finding.Status, finding.Value));
    }

    [Fact]
    public async Task PortWhereNothingListens_IsRefused()
    {
        using Socket bound = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)bound.LocalEndPoint!).Port;
        EndpointProbe probe = new(TimeSpan.FromMinutes(1), TimeProvider.System);

        Finding nats = await NatsAsync(probe, port);
        (RedisReading? reading, Finding? fault) = await probe.RedisAsync(new DnsEndPoint("127.0.0.1", port), RedisAccess.Open, "table", CancellationToken.None);

        Assert.Equal((FindingStatus.Failure, $"127.0.0.1:{port}"), (nats.Status, nats.Subject));
        Assert.StartsWith("connection refused", nats.Value);
        Assert.Null(reading);
        Assert.StartsWith("connection refused", fault!.Value);
    }

    [Fact]
    public async Task NameThatDoesNotExist_IsSaid() =>
        Assert.Equal(TcpAnswer.NoName, await TcpProbe.ConnectAsync("a..b", 1, TimeSpan.FromMinutes(1), TimeProvider.System, CancellationToken.None));

    private static Task<Finding> NatsAsync(EndpointProbe probe, int port)
    {
        Uri server = new($"nats://127.0.0.1:{port}");
        return probe.NatsAsync(server, NatsAccess.Of(server), CancellationToken.None);
    }

    // A server for one connection that greets and hangs up.
    private static async Task<Finding> AskNatsAsync(string greeting)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task server = Task.Run(async () =>
        {
            for (int i = 0; i < 2; i++)
            {
                // The first connection only tries whether the port is open.
                using TcpClient client = await listener.AcceptTcpClientAsync();
                if (i == 1)
                {
                    await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(greeting));
                }
            }
        });
        Finding finding = await NatsAsync(new EndpointProbe(TimeSpan.FromMinutes(1), TimeProvider.System), ((IPEndPoint)listener.LocalEndpoint).Port);
        await server;
        return finding;
    }
}
