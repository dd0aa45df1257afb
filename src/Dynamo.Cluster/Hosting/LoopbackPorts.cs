using System.Net;
using System.Net.Sockets;

namespace Dynamo.Cluster.Hosting;

/// <summary>Finds ports that nobody uses, so that several processes start on one host without a flag.</summary>
public static class LoopbackPorts
{
    /// <summary>A port that was free on the loopback address a moment ago.</summary>
    public static int Free()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
