using System.Diagnostics;
using System.Net.Sockets;

namespace Dynamo.Benchmarks.Serving;

/// <summary>A number of requests over some connections, each of which sends its next one when its last was answered.</summary>
internal sealed class LoadRun : IDisposable
{
    private const int StackSize = 256 << 10;

    private readonly byte[][] _requests;
    private readonly LoadConnection[] _connections;
    private readonly Thread[] _threads;
    private readonly ManualResetEventSlim _start = new(initialState: false, spinCount: 0);
    private int _next = -1;
    private Exception? _fault;

    /// <summary>Connects, and goes as far as one can without sending.</summary>
    /// <param name="port">Whom to ask.</param>
    /// <param name="numConnections">Connections.</param>
    /// <param name="requests">What is sent, in this order.</param>
    public LoadRun(int port, int numConnections, byte[][] requests)
    {
        _requests = requests;
        Answers = new RawAnswer[requests.Length];
        _connections = [.. Enumerable.Range(0, Math.Min(numConnections, requests.Length)).Select(_ => new LoadConnection(port))];
        _threads = [.. _connections.Select(connection => new Thread(() => Ask(connection), StackSize) { IsBackground = true, Name = "load" })];
        foreach (Thread thread in _threads)
        {
            thread.Start();
        }
    }

    /// <summary>The answers, in the requests' order.</summary>
    public RawAnswer[] Answers { get; }

    /// <summary>From the first request to the last answer.</summary>
    public TimeSpan Duration { get; private set; }

    /// <summary>Sends all and waits for all answers.</summary>
    /// <exception cref="BenchmarkFault">One did not come.</exception>
    public void Run()
    {
        long start = Stopwatch.GetTimestamp();
        _start.Set();
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        Duration = Stopwatch.GetElapsedTime(start);
        if (_fault is { } fault)
        {
            throw fault as BenchmarkFault ?? new BenchmarkFault($"request {Array.IndexOf(Answers, null)} of {_requests.Length} was not answered: {fault.Message}.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (LoadConnection connection in _connections)
        {
            connection.Dispose();
        }
    }

    private void Ask(LoadConnection connection)
    {
        _start.Wait();
        try
        {
            for (int i = Interlocked.Increment(ref _next); i < _requests.Length && _fault is null; i = Interlocked.Increment(ref _next))
            {
                Answers[i] = connection.Ask(_requests[i]);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or BenchmarkFault)
        {
            Interlocked.CompareExchange(ref _fault, e, null);
        }
    }
}
