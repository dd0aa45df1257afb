using System.Net;
using System.Net.Sockets;
using Dynamo.Cli.Doctor;

namespace Dynamo.Cli.Roles;

/// <summary>Looks whether a port that a flag names can be used, before anything is started that would say so in a stack trace.</summary>
internal static class FixedPorts
{
    /// <summary>Tries to take a port, and lets go of it.</summary>
    /// <returns>What is wrong and what to do, in one sentence; <see langword="null"/> when it can be used.</returns>
    /// <param name="flag">The flag that names it.</param>
    /// <param name="address">The address to listen on.</param>
    /// <param name="port">The port, 1 to 65535.</param>
    public static string? FaultOf(string flag, IPAddress address, int port)
    {
        using Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            socket.Listen();
            return null;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return $"{flag} {port} on {address} is taken by {PortOwner.Find(port) ?? "another program"}; give another port, or leave the flag out for a free one.";
        }
        catch (SocketException e)
        {
            return $"{flag} {port} on {address} cannot be used: {e.Message}.";
        }
    }
}
