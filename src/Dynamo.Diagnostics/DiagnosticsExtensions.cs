namespace Dynamo.Diagnostics;

/// <summary>Lets a silo be examined.</summary>
public static class DiagnosticsExtensions
{
    /// <summary>Adds what every silo needs for <see cref="IDiagnosticsGrain"/>.</summary>
    public static ISiloBuilder AddDiagnostics(this ISiloBuilder silo)
    {
        silo.AddGrainService<DiagnosticsService>();
        silo.Services.AddSingleton<DiagnosticsServiceClient>();
        return silo;
    }
}
