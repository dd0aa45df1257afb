using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Dynamo.Benchmarks.Serving;

/// <summary>
/// A server of recorded answers: the path is an answer's number, and every piece of it is a write of its own, as long behind the request as it
/// was. Threads of this process, one for each connection, which the upstream's client keeps.
/// </summary>
internal sealed partial class FakeUpstream : IDisposable
{
    private const int StackSize = 256 << 10;
    private const int BufferSize = 64 << 10;
    private const int MinSleepMicroseconds = 60; // The timer slack of Linux is 50.
    private const int MaxSleepMicroseconds = 900_000; // usleep(3p) takes less than a second.

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Socket> _sockets = [];
    private volatile IReadOnlyList<Recording> _recordings = [];

    /// <summary>Listens.</summary>
    public FakeUpstream()
    {
        _listener.Start(backlog: 1024);
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        new Thread(Accept) { IsBackground = true, Name = "upstream" }.Start();
    }

    /// <summary>Where.</summary>
    public int Port { get; }

    /// <summary>Where an answer is.</summary>
    public static string PathOf(int number) => string.Create(CultureInfo.InvariantCulture, $"/{number}");

    /// <summary>What to answer from now on.</summary>
    public void Set(IReadOnlyList<Recording> recordings) => _recordings = recordings;

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        foreach (Socket socket in _sockets)
        {
            socket.Dispose();
        }
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                Socket socket = _listener.AcceptSocket();
                socket.NoDelay = true;
                _sockets.Add(socket);
                new Thread(() => Serve(socket), StackSize) { IsBackground = true, Name = "upstream" }.Start();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Disposed.
        }
    }

    private void Serve(Socket socket)
    {
        byte[] buffer = new byte[BufferSize];
        try
        {
            while (Receive(socket, buffer) is { } number)
            {
                Answer(socket, _recordings[number], Stopwatch.GetTimestamp());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The client closed it, or it is disposed.
        }
    }

    private static int? Receive(Socket socket, byte[] buffer)
    {
        MessageEnd end = default;
        int length = 0;
        do
        {
            int received = socket.Receive(buffer.AsSpan(length));
            if (received == 0)
            {
                return null;
            }

            length += received;
        }
        while (!end.IsReached(buffer.AsSpan(0, length)));

        // "POST /17 HTTP/1.1"
        ReadOnlySpan<byte> line = buffer.AsSpan(0, buffer.AsSpan().IndexOf((byte)'\r'));
        return int.Parse(line[(line.IndexOf((byte)'/') + 1)..line.LastIndexOf((byte)' ')], CultureInfo.InvariantCulture);
    }

    private static void Answer(Socket socket, Recording recording, long start)
    {
        int position = 0;
        foreach ((int end, long delay) in recording.Pieces)
        {
            for (double rest = Microseconds(start + delay); rest > MinSleepMicroseconds; rest = Microseconds(start + delay))
            {
                _ = USleep((uint)Math.Min(rest - (MinSleepMicroseconds / 2), MaxSleepMicroseconds));
            }

            socket.Send(recording.Bytes.AsSpan(position, end - position));
            position = end;
        }

        static double Microseconds(long until) => (until - Stopwatch.GetTimestamp()) * 1e6 / Stopwatch.Frequency;
    }

    [LibraryImport("libc", EntryPoint = "usleep")]
    private static partial int USleep(uint microseconds);
}
