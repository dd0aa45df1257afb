namespace Dynamo.EndToEndTests.Faults;

/// <summary>A place of the cluster that one process at a time has. A new process in it is a new silo.</summary>
/// <param name="name">In messages.</param>
/// <param name="isNowReady">What the process prints when it serves.</param>
/// <param name="start">Starts a process.</param>
internal sealed class ClusterNode(string name, string isNowReady, Func<ChildProcess> start) : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    private readonly List<string> _earlier = [];
    private ChildProcess? _process;

    /// <summary>In messages.</summary>
    public string Name => name;

    /// <summary>Whether a process runs here; one that was stopped by a signal does.</summary>
    public bool IsAlive => _process is { HasExited: false };

    /// <summary>What the process of now printed.</summary>
    public string Output => _process?.Output ?? "";

    /// <summary>What all its processes printed.</summary>
    public string WholeOutput => string.Concat(_earlier) + Output;

    /// <summary>Starts a process here.</summary>
    public async Task StartAsync()
    {
        await RemoveAsync();
        _process = start();
        await _process.PrintedAsync(isNowReady, StartLimit);
    }

    /// <summary>Waits until the process has printed a text.</summary>
    public Task PrintedAsync(string text) => _process!.PrintedAsync(text, StartLimit);

    /// <summary>Signals the process.</summary>
    public void Send(Signal signal) => _process!.Send(signal);

    /// <summary>Waits until the process has ended.</summary>
    /// <returns>Its exit code.</returns>
    public Task<int> ExitedAsync() => _process!.ExitedAsync(StopLimit);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await RemoveAsync();

    private async Task RemoveAsync()
    {
        if (_process is { } process)
        {
            _process = null;
            await process.DisposeAsync();
            _earlier.Add(process.Output + $"-- {name}: end of pid {process.Id}\n");
        }
    }
}
