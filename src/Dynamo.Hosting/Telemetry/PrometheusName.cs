using System.Diagnostics.Metrics;

namespace Dynamo.Hosting.Telemetry;

/// <summary>
/// Instruments by Prometheus' names. The rules of OpenTelemetry, but for <c>_ms</c>, as Dynamo says it: points become underscores, the unit and a counter's
/// <c>_total</c> are appended.
/// </summary>
internal static class PrometheusName
{
    // A counter that Dynamo calls otherwise than counters are called.
    private const string Applied = "dynamo.component.kv_cache_events_applied";

    // Numbers of things of .NET that are there now. Some names end as only histograms' may, and those of the pool are counters in some of its versions.
    private static readonly Dictionary<string, string> Gauges = new(StringComparer.Ordinal)
    {
        ["dotnet.assembly.count"] = "dotnet_assemblies",
        ["dotnet.process.cpu.count"] = "dotnet_process_cpus",
        ["dotnet.thread_pool.queue.length"] = "dotnet_thread_pool_queue_length",
        ["dotnet.thread_pool.thread.count"] = "dotnet_thread_pool_threads",
        ["dotnet.timer.count"] = "dotnet_timers",
    };

    /// <summary>Name of a metric.</summary>
    public static string Of(Instrument instrument)
    {
        string name = Label(instrument.Name) + Unit(instrument.Unit);
        return Gauges.TryGetValue(instrument.Name, out string? gauge) ? gauge : IsCounter(instrument) && instrument.Name != Applied ? name + "_total" : name;
    }

    /// <summary>Name of a label.</summary>
    public static string Label(string tag) => tag.Replace('.', '_').Replace('-', '_');

    /// <summary>Whether it only rises.</summary>
    public static bool IsCounter(Instrument instrument) => !Gauges.ContainsKey(instrument.Name) && (IsA(instrument, typeof(Counter<>)) || IsA(instrument, typeof(ObservableCounter<>)));

    /// <summary>Whether it has buckets.</summary>
    public static bool IsHistogram(Instrument instrument) => IsA(instrument, typeof(Histogram<>));

    /// <summary>Whether each measurement is a change of the value and not the value.</summary>
    public static bool IsChange(Instrument instrument) => IsA(instrument, typeof(Counter<>)) || IsA(instrument, typeof(UpDownCounter<>));

    private static bool IsA(Instrument instrument, Type generic) => instrument.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == generic;

    // What stands in braces is a word for what is counted.
    private static string Unit(string? unit) => unit switch
    {
        "s" => "_seconds",
        "ms" => "_ms",
        "By" => "_bytes",
        _ => "",
    };
}
