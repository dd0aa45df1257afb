using Dynamo.Abstractions.Instances;
using Dynamo.Engine.Configuration;

namespace Dynamo.Worker.Engines;

/// <summary>The engine hosts of this silo, one for each GPU that it offers. They know nothing of each other. Thread-safe.</summary>
public sealed class EngineHosts : IAsyncDisposable
{
    private readonly EngineHost[] _hosts;

    /// <summary>Creates the hosts, all without an engine.</summary>
    /// <param name="numGpus">How many; at least 1.</param>
    /// <param name="create">Makes one.</param>
    internal EngineHosts(int numGpus, Func<EngineHost> create)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(numGpus);
        _hosts = new EngineHost[numGpus];
        for (int gpu = 0; gpu < numGpus; gpu++)
        {
            _hosts[gpu] = create();
        }

        LoadFailed = Task.WhenAny(_hosts.Select(static host => host.LoadFailed)).Unwrap();
    }

    /// <summary>All of them, by the index of their GPU.</summary>
    public IReadOnlyList<EngineHost> All => _hosts;

    /// <summary>Completes with the reason when a model cannot be loaded on one of the GPUs; see <see cref="EngineHost.LoadFailed"/>.</summary>
    public Task<Exception> LoadFailed { get; }

    /// <summary>Whether every engine takes requests, but for those that have been told to leave.</summary>
    public bool AreReady => Array.TrueForAll(_hosts, static host => host.Report().State is InstanceState.Ready or InstanceState.Draining);

    /// <summary>The host of one GPU.</summary>
    /// <exception cref="EngineStartException">This silo does not offer that GPU.</exception>
    public EngineHost Of(int gpu) => gpu >= 0 && gpu < _hosts.Length
        ? _hosts[gpu]
        : throw new EngineStartException($"GPU {gpu} was asked of this silo, which offers {_hosts.Length}.");

    /// <summary>The host that loaded this generation last, running or over; <see langword="null"/> when none did.</summary>
    public EngineHost? Find(long generation) => Array.Find(_hosts, host => host.Spec?.Instance.Generation == generation);

    /// <summary>Drains all at once; see <see cref="EngineHost.DrainAsync"/>.</summary>
    public Task DrainAsync(TimeSpan grace, CancellationToken cancellationToken) =>
        Task.WhenAll(_hosts.Select(host => host.DrainAsync(grace, cancellationToken)));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await Task.WhenAll(_hosts.Select(static host => host.DisposeAsync().AsTask()));
}
