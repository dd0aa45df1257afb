using System.Diagnostics.Metrics;
using Dynamo.Cluster.Telemetry;
using Prometheus;

namespace Dynamo.Hosting.Telemetry;

/// <summary>
/// Shows what this process measures in Prometheus' text format: our instruments under Dynamo's names and with its labels, the process's as every exporter calls
/// them, and .NET's own. Thread-safe.
/// </summary>
internal sealed class PrometheusExporter : IMetricsExporter, IDisposable
{
    private const string RuntimeMeter = "System.Runtime";

    private readonly CollectorRegistry _registry = Prometheus.Metrics.NewCustomRegistry();
    private readonly MeterListener _listener = new();
    private readonly List<ExportedInstrument> _observed = [];
    private readonly SemaphoreSlim _collecting = new(1);
    private readonly IMeterFactory _meters;
    private readonly TelemetryOptions _options;
    private readonly string _process;

    /// <summary>Listens from now on.</summary>
    /// <param name="meters">Whose instruments are shown, and of no other host in the process.</param>
    /// <param name="options">Names and buckets.</param>
    /// <param name="services">Know how the silo is called.</param>
    public PrometheusExporter(IMeterFactory meters, TelemetryOptions options, IServiceProvider services)
    {
        (_meters, _options) = (meters, options);
        _process = services.GetService<ILocalSiloDetails>()?.SiloAddress.ToParsableString() ?? "local";
        _listener.InstrumentPublished = OnPublished;
        _listener.SetMeasurementEventCallback<double>(OnMeasured);
        _listener.SetMeasurementEventCallback<long>(static (instrument, value, tags, state) => OnMeasured(instrument, value, tags, state));
        _listener.SetMeasurementEventCallback<int>(static (instrument, value, tags, state) => OnMeasured(instrument, value, tags, state));
        _listener.Start();
    }

    /// <inheritdoc/>
    public string ContentType => "text/plain; version=0.0.4; charset=utf-8";

    /// <inheritdoc/>
    public async Task WriteAsync(Stream stream, CancellationToken cancellationToken)
    {
        // Collected whole before it is sent: a reader that is slow must not keep the next one waiting.
        using MemoryStream text = new();
        await _collecting.WaitAsync(cancellationToken);
        try
        {
            _listener.RecordObservableInstruments();
            lock (_observed)
            {
                _observed.ForEach(static instrument => instrument.OnCollected());
            }

            await _registry.CollectAndExportAsTextAsync(text, cancellationToken);
        }
        finally
        {
            _collecting.Release();
        }

        text.Position = 0;
        await text.CopyToAsync(stream, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        _collecting.Dispose();
    }

    private static void OnMeasured(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        ExportedInstrument exported = (ExportedInstrument)state!;
        if (instrument.IsObservable)
        {
            exported.Observe(value, tags);
        }
        else
        {
            exported.Record(value, tags);
        }
    }

    private void OnPublished(Instrument instrument, MeterListener listener)
    {
        bool isOurs = ReferenceEquals(instrument.Meter.Scope, _meters)
            && (instrument.Name.StartsWith("dynamo.", StringComparison.Ordinal) || instrument.Name.StartsWith("process.", StringComparison.Ordinal));
        if (!isOurs && instrument.Meter.Name != RuntimeMeter)
        {
            return;
        }

        ExportedInstrument exported = Create(instrument);
        if (instrument.IsObservable)
        {
            lock (_observed)
            {
                _observed.Add(exported);
            }
        }

        listener.EnableMeasurementEvents(instrument, exported);
    }

    private ExportedInstrument Create(Instrument instrument)
    {
        string name = PrometheusName.Of(instrument);
        (string Name, string Help) first = (name, instrument.Description ?? "");
        (string Name, string Help)[] names = SecondNames.Of(name) is { } second ? [first, second] : [first];
        if (PrometheusName.IsHistogram(instrument))
        {
            HistogramConfiguration buckets = new() { Buckets = BucketsOf(name, instrument), ExemplarBehavior = ExemplarBehavior.NoExemplars() };
            return new ExportedInstrument<Histogram.Child>(
                labels => [.. names.Select(metric => FactoryOf(metric.Name).CreateHistogram(metric.Name, metric.Help, labels, buckets))],
                static (histogram, values, value) => histogram.WithLabels(values).Observe(value));
        }

        if (PrometheusName.IsCounter(instrument))
        {
            CounterConfiguration counter = new() { ExemplarBehavior = ExemplarBehavior.NoExemplars() };
            return new ExportedInstrument<Counter.Child>(
                labels => [.. names.Select(metric => FactoryOf(metric.Name).CreateCounter(metric.Name, metric.Help, labels, counter))],
                PrometheusName.IsChange(instrument) ? static (metric, values, value) => metric.WithLabels(values).Inc(value) : CountTo);
        }

        return new ExportedInstrument<Gauge.Child>(
            labels => [.. names.Select(metric => FactoryOf(metric.Name).CreateGauge(metric.Name, metric.Help, labels))],
            PrometheusName.IsChange(instrument) ? static (gauge, values, value) => gauge.WithLabels(values).Inc(value) : static (gauge, values, value) => gauge.WithLabels(values).Set(value));
    }

    // What is counted may begin anew, as a router does; Prometheus knows that counters do.
    private static void CountTo(Collector<Counter.Child> counter, ReadOnlySpan<string> values, double value)
    {
        if (value < counter.WithLabels(values).Value)
        {
            counter.RemoveLabelled(values.ToArray());
        }

        counter.WithLabels(values).IncTo(value);
    }

    private IMetricFactory FactoryOf(string metric) =>
        Prometheus.Metrics.WithCustomRegistry(_registry).WithLabels(DynamoLabels.Of(metric, _options.Namespace, _process));

    private double[]? BucketsOf(string metric, Instrument instrument) =>
        _options.Buckets.TryGetValue(metric, out double[]? given) ? given : (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries?.ToArray();
}
