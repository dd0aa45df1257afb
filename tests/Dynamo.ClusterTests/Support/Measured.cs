using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Dynamo.ClusterTests.Support;

/// <summary>Instruments of a test's own, and all that they measure as lines: name, value, values of the labels.</summary>
internal sealed class Measured : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ConcurrentQueue<string> _lines = [];
    private readonly MeterListener _listener = new();

    public Measured()
    {
        Meters = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == Meters && !instrument.IsObservable)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    public IMeterFactory Meters { get; }

    public string[] Lines => [.. _lines];

    public void Dispose()
    {
        _listener.Dispose();
        _services.Dispose();
    }

    private void Add<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string line = $"{instrument.Name} {value}";
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            line += $" {tag.Value}";
        }

        _lines.Enqueue(line);
    }
}
