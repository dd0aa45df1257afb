using System.Net;
using System.Net.Sockets;
using Dynamo.Cli.Roles;
using Dynamo.Cluster.Settings;
using Xunit;

namespace Dynamo.UnitTests.Cli.Roles;

public sealed class FixedPortsTests
{
    [Fact]
    public void PortThatIsTaken_IsOneLineThatNamesWhoHasIt()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        string name = File.ReadAllText("/proc/self/comm").Trim();

        Assert.Equal(
            $"--http-port {port} on 127.0.0.1 is taken by process {Environment.ProcessId} ({name}); give another port, or leave the flag out for a free one.",
            FixedPorts.FaultOf("--http-port", IPAddress.Loopback, port));
    }

    [Fact]
    public void PortThatIsFree_IsLeftFree()
    {
        int port = FreePort.On(IPAddress.Loopback);

        Assert.Null(FixedPorts.FaultOf("--http-port", IPAddress.Loopback, port));

        using TcpListener listener = new(IPAddress.Loopback, port);
        listener.Start();
    }

    // Of the addresses that are kept for documentation (RFC 5737).
    [Fact]
    public void AddressOfAnotherMachine_IsSaid() => Assert.StartsWith(
        "--silo-port 1 on 192.0.2.1 cannot be used: ", FixedPorts.FaultOf("--silo-port", IPAddress.Parse("192.0.2.1"), 1));
}
