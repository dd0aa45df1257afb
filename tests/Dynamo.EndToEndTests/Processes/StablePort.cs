using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Dynamo.EndToEndTests.Processes;

/// <summary>
/// Ports for servers that are stopped and started again on the same one. They lie outside the range from which the kernel serves everybody who
/// asks for any port, so that nobody gets it in between.
/// </summary>
internal static class StablePort
{
    private const int Lowest = 10_000;
    private const int NumTries = 200;

    /// <summary>A port that was free a moment ago.</summary>
    public static int Find()
    {
        string range = File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range");
        int end = int.Parse(range.Split((char[])['\t', ' '])[0], CultureInfo.InvariantCulture);
        for (int i = 0; i < NumTries && end > Lowest; i++)
        {
            int port = Random.Shared.Next(Lowest, end);
            try
            {
                using TcpListener listener = new(IPAddress.Any, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: the next one.
            }
        }

        throw new InvalidOperationException($"No port from {Lowest} to {end} is free; ports above {end} are the kernel's to give.");
    }
}
