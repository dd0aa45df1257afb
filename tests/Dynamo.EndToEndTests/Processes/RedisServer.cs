using System.Diagnostics;
using System.Globalization;

namespace Dynamo.EndToEndTests.Processes;

/// <summary>A Redis of the test's own that keeps every write in an append-only file, as a cluster's must.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);

    private readonly string _address;
    private readonly string? _network;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dynamo-redis-");
    private readonly DirectoryInfo _kept = Directory.CreateTempSubdirectory("dynamo-redis-kept-");
    private ChildProcess? _process;

    /// <summary>Nothing runs before <see cref="StartAsync"/>.</summary>
    /// <param name="address">Address to listen on.</param>
    /// <param name="network">Network namespace, or <see langword="null"/>.</param>
    public RedisServer(string address = "127.0.0.1", string? network = null) => (_address, _network) = (address, network);

    /// <summary>The same through all restarts.</summary>
    public int Port { get; } = StablePort.Find();

    /// <summary>For <c>REDIS_ENDPOINTS</c>.</summary>
    public string EndPoint => $"{_address}:{Port}";

    /// <summary>What it printed since its last start.</summary>
    public string Output => _process?.Output ?? "";

    /// <summary>Starts it on what it had written before.</summary>
    public async Task StartAsync()
    {
        _process = ChildProcess.Start(
            "redis",
            "redis-server",
            [
                "--port", Port.ToString(CultureInfo.InvariantCulture), "--bind", _address, "--protected-mode", "no", "--dir", _folder.FullName,
                "--appendonly", "yes", "--appendfsync", "always", "--save", "",
            ],
            network: _network);
        await _process.PrintedAsync("Ready to accept connections", StartLimit);
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            await process.DisposeAsync();
        }
    }

    /// <summary>Keeps what it has written so far, as a snapshot of its disk would.</summary>
    public void Keep() => Copy(_folder, _kept);

    /// <summary>Puts back what was kept, in place of what it has written since; it must not run.</summary>
    public void PutBack()
    {
        Empty();
        Copy(_kept, _folder);
    }

    /// <summary>Removes all that it had written; it must not run.</summary>
    public void Empty()
    {
        _folder.Delete(recursive: true);
        _folder.Create();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _folder.Delete(recursive: true);
        _kept.Delete(recursive: true);
    }

    private static void Copy(DirectoryInfo from, DirectoryInfo to)
    {
        using Process copy = Process.Start("cp", ["-a", from.FullName + "/.", to.FullName]);
        copy.WaitForExit();
        if (copy.ExitCode != 0)
        {
            throw new IOException($"cp -a {from.FullName}/. {to.FullName} ended with {copy.ExitCode}.");
        }
    }
}
