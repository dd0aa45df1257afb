using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dynamo.Cluster.Settings;

namespace Dynamo.ClusterTests.Cluster.Events;

/// <summary>The distribution's nats-server on a free port of the loopback address.</summary>
internal sealed class NatsServer : IAsyncDisposable
{
    private const string Binary = "/usr/sbin/nats-server";

    private readonly int _port = FreePort.On(IPAddress.Loopback);
    private Process? _process;

    public static bool IsInstalled => File.Exists(Binary);

    public Uri Url => new($"nats://127.0.0.1:{_port}");

    private string[] _more = [];

    /// <summary>Starts one.</summary>
    /// <param name="more">Flags besides address and port, for example those of a user.</param>
    public static async Task<NatsServer> StartAsync(params string[] more)
    {
        NatsServer server = new() { _more = more };
        await server.RestartAsync();
        return server;
    }

    /// <summary>Starts it again on the same port.</summary>
    public async Task RestartAsync()
    {
        ProcessStartInfo start = new(Binary, ["--addr", "127.0.0.1", "--port", $"{_port}", .. _more]) { RedirectStandardError = true, UseShellExecute = false };
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginErrorReadLine();
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(20));
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
        while (!await AnswersAsync(deadline.Token))
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }

    /// <summary>Ends it without a farewell.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>Lets it hang: its sockets stay open and nobody reads them.</summary>
    public void Pause()
    {
        using Process kill = Process.Start("kill", ["-STOP", $"{_process!.Id}"]);
        kill.WaitForExit();
    }

    public ValueTask DisposeAsync() => new(KillAsync());

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using TcpClient client = new();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, _port, cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
