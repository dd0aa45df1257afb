using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Dynamo.Benchmarks.Serving;

/// <summary>
/// A client's connection that is kept between requests. It blocks in the kernel, so that nothing but the socket lies between a byte's arrival
/// and its timestamp. For one thread.
/// </summary>
internal sealed class LoadConnection : IDisposable
{
    private const int InitialSize = 64 << 10;
    private const int TimeoutMilliseconds = 120_000;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = TimeoutMilliseconds };
    private readonly List<(int Length, long Timestamp)> _arrivals = [];
    private byte[] _buffer = new byte[InitialSize];

    /// <summary>Connects to 127.0.0.1.</summary>
    /// <exception cref="SocketException">Nothing listens there.</exception>
    public LoadConnection(int port)
    {
        try
        {
            _socket.Connect(IPAddress.Loopback, port);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>Asks once over a connection of its own.</summary>
    /// <returns><see langword="null"/> when nothing listens, or it closed the connection.</returns>
    public static HttpAnswer? TryAsk(int port, byte[] request)
    {
        try
        {
            using LoadConnection connection = new(port);
            return HttpAnswer.Parse(connection.Ask(request).Bytes);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    /// <summary>Sends a request and reads its answer.</summary>
    /// <exception cref="SocketException">The connection broke.</exception>
    public RawAnswer Ask(ReadOnlySpan<byte> request)
    {
        _arrivals.Clear();
        MessageEnd end = default;
        int length = 0;
        long sentAt = Stopwatch.GetTimestamp();
        _socket.Send(request);
        do
        {
            if (length == _buffer.Length)
            {
                Array.Resize(ref _buffer, 2 * length);
            }

            int received = _socket.Receive(_buffer.AsSpan(length));
            if (received == 0)
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }

            length += received;
            _arrivals.Add((length, Stopwatch.GetTimestamp()));
        }
        while (!end.IsReached(_buffer.AsSpan(0, length)));

        return new RawAnswer(_buffer[..length], sentAt, [.. _arrivals]);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
