using Dynamo.Abstractions.Models;
using Dynamo.Cluster.Calls;
using Dynamo.Worker.Engines;

namespace Dynamo.Worker.Offers;

/// <summary>Offers this silo's GPUs to its model, each second, from when the silo is active until it leaves.</summary>
internal sealed partial class OfferService(
    EngineHosts hosts,
    WorkerOptions options,
    IGrainFactory grains,
    ILocalSiloDetails silo,
    TimeProvider time,
    ILogger<OfferService> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Interval, time);
        do
        {
            await OfferAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task OfferAsync(CancellationToken cancellationToken)
    {
        SiloOffer offer = new()
        {
            Silo = silo.SiloAddress,
            Gpus = [.. hosts.All.Select(static host => new GpuOffer(host.RunningGeneration, host.IsDraining))],
        };
        try
        {
            await grains.GetGrain<IModelGrain>(options.Model).OfferAsync(offer).WaitAsync(cancellationToken);
        }
        catch (Exception e) when (FailedCalls.IsUnreachable(e))
        {
            // There is no frontend yet, or the model's grain is changing hands.
            LogNotOffered(options.Model, e.Message);
        }
    }

    [LoggerMessage(LogLevel.Information, "The GPUs could not be offered to model {Model}: {Reason} Trying again.")]
    private partial void LogNotOffered(string model, string reason);
}
