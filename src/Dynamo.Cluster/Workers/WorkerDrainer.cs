namespace Dynamo.Cluster.Workers;

/// <summary>
/// Empties this worker before its silo leaves. Registered after the silo, so it is stopped before it: Orleans itself breaks streams within a
/// second of a signal.
/// </summary>
internal sealed class WorkerDrainer(EngineHost host, WorkerOptions options) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => host.DrainAsync(options.DrainGrace, cancellationToken);
}
