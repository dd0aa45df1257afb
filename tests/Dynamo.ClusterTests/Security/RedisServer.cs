using System.Diagnostics;
using System.Net;
using Dynamo.Cluster.Settings;
using StackExchange.Redis;

namespace Dynamo.ClusterTests.Security;

/// <summary>The distribution's redis-server on a free port of the loopback address, with its append-only file in a folder of its own.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    public const string Binary = "/usr/bin/redis-server";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dynamo-redis-");
    private Process _process;

    private readonly string[] _more;

    private RedisServer(int port, string[] more)
    {
        (Port, _more) = (port, more);
        _process = Launch(port);
    }

    public static bool IsInstalled => File.Exists(Binary);

    public int Port { get; }

    public static ClusterSettings Settings(int redisPort) => new()
    {
        Redis = [new DnsEndPoint("127.0.0.1", redisPort)],
        Address = IPAddress.Loopback,
        SiloPort = FreePort.On(IPAddress.Loopback),
        ClusterId = "test",
    };

    /// <summary>Starts one.</summary>
    /// <param name="more">Flags besides the usual ones, for example those of a password.</param>
    public static async Task<RedisServer> StartAsync(params string[] more)
    {
        RedisServer server = new(FreePort.On(IPAddress.Loopback), more);
        try
        {
            await server.UntilUpAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends it without a farewell.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    /// <summary>Starts it again on the same port; without its file it has lost everything.</summary>
    public async Task RestartAsync()
    {
        _process = Launch(Port);
        await UntilUpAsync();
    }

    /// <summary>Moves its file away, or back.</summary>
    public void MoveFile(bool isAway) => Directory.Move(Path.Combine(_folder.FullName, isAway ? "appendonlydir" : "away"), Path.Combine(_folder.FullName, isAway ? "away" : "appendonlydir"));

    /// <summary>Forgets what was written since the file was moved away.</summary>
    public void DeleteFile() => Directory.Delete(Path.Combine(_folder.FullName, "appendonlydir"), recursive: true);

    public ConnectionMultiplexer Connect() => ConnectionMultiplexer.Connect($"127.0.0.1:{Port}");

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Delete(recursive: true);
    }

    private Process Launch(int port)
    {
        ProcessStartInfo start = new(Binary) { RedirectStandardOutput = true, UseShellExecute = false };
        foreach (string argument in (string[])["--port", $"{port}", "--bind", "127.0.0.1", "--dir", _folder.FullName, "--appendonly", "yes", "--appendfsync", "always", "--save", "", .. _more])
        {
            start.ArgumentList.Add(argument);
        }

        Process process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        return process;
    }

    private async Task UntilUpAsync()
    {
        ConfigurationOptions options = ConfigurationOptions.Parse($"127.0.0.1:{Port},connectTimeout=5000,connectRetry=1");
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(20));
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            try
            {
                await using ConnectionMultiplexer redis = await ConnectionMultiplexer.ConnectAsync(options);
                await redis.GetDatabase().PingAsync();
                return;
            }
            catch (RedisConnectionException e) when (e.FailureType == ConnectionFailureType.AuthenticationFailure)
            {
                // It answers, and wants a password.
                return;
            }
            catch (RedisException) when (!_process.HasExited)
            {
                // It does not listen yet, or reads its append-only file.
                await timer.WaitForNextTickAsync(deadline.Token);
            }
        }
    }
}
