using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Dynamo.Hosting.Telemetry;

/// <summary>
/// Sends spans, and measurements if wanted, to an OpenTelemetry collector, as its own environment variables say: <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> turns it
/// on, <c>OTEL_METRICS_EXPORTER=otlp</c> adds measurements, <c>OTEL_TRACES_EXPORTER=none</c> leaves spans out, and all others of the specification hold.
/// </summary>
internal static class OpenTelemetryExport
{
    private const string Prefix = "OTEL_";
    private const string Ours = "Dynamo.*";

    // What asks how the process is, every few seconds, is no request that anybody wants to follow.
    private const string ClientsPrefix = "/v1";

    /// <summary>Adds what was asked for; no exporter is loaded otherwise.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="variables">The environment.</param>
    public static void AddTo(IHostApplicationBuilder builder, IReadOnlyDictionary<string, string?> variables)
    {
        bool hasEndpoint = variables.Any(static variable =>
            variable.Key.StartsWith("OTEL_EXPORTER_OTLP_", StringComparison.Ordinal) && variable.Key.EndsWith("ENDPOINT", StringComparison.Ordinal) && !string.IsNullOrEmpty(variable.Value));
        if (hasEndpoint && !Says("OTEL_SDK_DISABLED", "true"))
        {
            Add(builder, variables, hasTraces: !Says("OTEL_TRACES_EXPORTER", "none"), hasMetrics: Says("OTEL_METRICS_EXPORTER", "otlp"));
        }

        bool Says(string name, string value) => string.Equals(variables.GetValueOrDefault(name), value, StringComparison.OrdinalIgnoreCase);
    }

    // Apart, so that a process that sends nothing loads no exporter.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Add(IHostApplicationBuilder builder, IReadOnlyDictionary<string, string?> variables, bool hasTraces, bool hasMetrics)
    {
        // The library reads the host's configuration, which has nothing of the environment.
        builder.Configuration.AddInMemoryCollection(variables.Where(static variable => variable.Key.StartsWith(Prefix, StringComparison.Ordinal)));
        OpenTelemetryBuilder telemetry = builder.Services.AddOpenTelemetry();
        if (string.IsNullOrEmpty(variables.GetValueOrDefault("OTEL_SERVICE_NAME")))
        {
            telemetry.ConfigureResource(static resource => resource.AddService("dynamo"));
        }

        if (hasTraces)
        {
            telemetry.WithTracing(static traces => traces
                .AddAspNetCoreInstrumentation(static requests => requests.Filter = static context => context.Request.Path.StartsWithSegments(ClientsPrefix))
                .AddSource(Ours)
                .AddOtlpExporter());
        }

        if (hasMetrics)
        {
            telemetry.WithMetrics(static metrics => metrics.AddMeter(Ours, "Microsoft.Orleans", "System.Runtime").AddOtlpExporter());
        }
    }
}
