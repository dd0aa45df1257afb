using System.Globalization;

namespace Dynamo.EndToEndTests.Processes;

/// <summary>A NATS server of the test's own.</summary>
internal sealed class NatsServer : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(20);

    private readonly string _address;
    private readonly string? _network;
    private ChildProcess? _process;

    /// <summary>Nothing runs before <see cref="StartAsync"/>.</summary>
    /// <param name="address">Address to listen on.</param>
    /// <param name="network">Network namespace, or <see langword="null"/>.</param>
    public NatsServer(string address = "127.0.0.1", string? network = null) => (_address, _network) = (address, network);

    /// <summary>The same through all restarts.</summary>
    public int Port { get; } = StablePort.Find();

    /// <summary>For <c>NATS_SERVER</c>.</summary>
    public string Url => $"nats://{_address}:{Port}";

    /// <summary>Starts it.</summary>
    public async Task StartAsync()
    {
        _process = ChildProcess.Start("nats", "nats-server", ["--addr", _address, "--port", Port.ToString(CultureInfo.InvariantCulture)], network: _network);
        await _process.PrintedAsync("Server is ready", StartLimit);
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

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => new(KillAsync());
}
