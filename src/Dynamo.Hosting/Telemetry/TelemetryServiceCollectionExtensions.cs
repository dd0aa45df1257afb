using Dynamo.Cluster.Telemetry;

namespace Dynamo.Hosting.Telemetry;

/// <summary>Adds what shows a process to those who watch it.</summary>
internal static class TelemetryServiceCollectionExtensions
{
    /// <summary>Adds <see cref="IMetricsExporter"/>, and the instruments of the process.</summary>
    public static IServiceCollection AddDynamoTelemetry(this IServiceCollection services, TelemetryOptions options)
    {
        services.AddMetrics();
        services.AddSingleton(options);
        services.AddSingleton<IObservedInstruments, ProcessInstruments>();
        services.AddHostedService<ObservedInstruments>();
        services.AddSingleton<IMetricsExporter, PrometheusExporter>();
        return services;
    }
}
