using Dynamo.Cluster.Telemetry;

namespace Dynamo.Hosting.Telemetry;

/// <summary>Lets the instruments be made that nobody else asks for.</summary>
internal sealed class ObservedInstruments(IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = services.GetServices<IObservedInstruments>().Count();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
