namespace Dynamo.Worker.Engines;

/// <summary>
/// Empties the workers of this silo before it leaves. Registered after the silo, so it is stopped before it: Orleans itself breaks streams within a
/// second of a signal.
/// </summary>
internal sealed class WorkerDrainer(EngineHosts hosts, WorkerOptions options) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => hosts.DrainAsync(options.DrainGrace, cancellationToken);
}
