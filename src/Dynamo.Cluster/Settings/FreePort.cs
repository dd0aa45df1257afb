using System.Net;
using System.Net.Sockets;

namespace Dynamo.Cluster.Settings;

/// <summary>Finds ports that nobody uses, so that several processes start on one host without a flag.</summary>
public static class FreePort
{
    /// <summary>A TCP port that was free on this address a moment ago.</summary>
    public static int On(IPAddress address)
    {
        using Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
