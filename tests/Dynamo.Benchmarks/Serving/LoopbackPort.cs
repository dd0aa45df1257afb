using System.Net.Sockets;

namespace Dynamo.Benchmarks.Serving;

/// <summary>Ports of 127.0.0.1.</summary>
internal static class LoopbackPort
{
    /// <summary>Waits until something accepts connections.</summary>
    /// <param name="port">Where.</param>
    /// <param name="process">What is to accept them.</param>
    /// <exception cref="BenchmarkFault">It ended, or took too long.</exception>
    public static void WaitUntilOpen(int port, ChildProcess process)
    {
        Deadline deadline = new(TimeSpan.FromSeconds(20), $"{process.Name} to listen");
        while (true)
        {
            try
            {
                using TcpClient client = new("127.0.0.1", port);
                return;
            }
            catch (SocketException)
            {
                process.CheckAlive();
                deadline.WaitABit();
            }
        }
    }
}
