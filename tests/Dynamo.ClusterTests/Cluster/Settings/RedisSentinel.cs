using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dynamo.Cluster.Settings;
using Dynamo.ClusterTests.Security;

namespace Dynamo.ClusterTests.Cluster.Settings;

/// <summary>A Sentinel of one Redis, on a free port of the loopback address.</summary>
internal sealed class RedisSentinel : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dynamo-sentinel-");
    private readonly Process _process;

    private RedisSentinel(string primary, int redisPort, string[] more)
    {
        string file = Path.Combine(_folder.FullName, "sentinel.conf");
        File.WriteAllLines(file, [$"port {Port}", "bind 127.0.0.1", $"dir {_folder.FullName}", $"sentinel monitor {primary} 127.0.0.1 {redisPort} 1", .. more]);
        _process = Process.Start(new ProcessStartInfo(RedisServer.Binary, [file, "--sentinel"]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
    }

    public int Port { get; } = FreePort.On(IPAddress.Loopback);

    /// <summary>Starts one.</summary>
    /// <param name="primary">Its name of the Redis.</param>
    /// <param name="redisPort">The Redis.</param>
    /// <param name="more">Further lines of its file.</param>
    public static async Task<RedisSentinel> StartAsync(string primary, int redisPort, params string[] more)
    {
        RedisSentinel sentinel = new(primary, redisPort, more);
        using CancellationTokenSource deadline = new(TimeSpan.FromSeconds(20));
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
        while (true)
        {
            using TcpClient client = new();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, sentinel.Port, deadline.Token);
                return sentinel;
            }
            catch (SocketException)
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}
