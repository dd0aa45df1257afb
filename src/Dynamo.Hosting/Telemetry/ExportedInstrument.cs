using System.Runtime.CompilerServices;
using Prometheus;

namespace Dynamo.Hosting.Telemetry;

/// <summary>
/// One instrument as Prometheus sees it, under one name or two. The labels' names are those of the first measurement; all must have the same. Thread-safe, but one
/// collection at a time.
/// </summary>
internal abstract class ExportedInstrument
{
    private const int MaxLabels = 8;

    private readonly Lock _gate = new();
    private volatile string[]? _labels;

    // Children that a collection has met, of instruments that are only looked at then.
    private HashSet<string[]> _met = new(LabelsComparer.Instance);
    private HashSet<string[]> _before = new(LabelsComparer.Instance);

    /// <summary>Takes a measurement.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Values values = default;
        Span<string> labels = ((Span<string>)values)[..tags.Length];
        for (int i = 0; i < tags.Length; i++)
        {
            labels[i] = tags[i].Value as string ?? tags[i].Value?.ToString() ?? "";
        }

        if (_labels is null)
        {
            Register(tags);
        }

        Record(value, labels);
    }

    /// <summary>Takes a measurement of a collection.</summary>
    public void Observe(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        Record(value, tags);
        string[] labels = new string[tags.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = tags[i].Value?.ToString() ?? "";
        }

        _met.Add(labels);
    }

    /// <summary>A collection is over: what it has not met is gone.</summary>
    public void OnCollected()
    {
        foreach (string[] labels in _before)
        {
            if (!_met.Contains(labels))
            {
                Remove(labels);
            }
        }

        (_before, _met) = (_met, _before);
        _met.Clear();
    }

    /// <summary>Creates what Prometheus sees.</summary>
    protected abstract void Register(string[] labels);

    /// <summary>Takes a measurement.</summary>
    protected abstract void Record(double value, ReadOnlySpan<string> labels);

    /// <summary>Shows those labels no longer.</summary>
    protected abstract void Remove(string[] labels);

    private void Register(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        lock (_gate)
        {
            if (_labels is null)
            {
                string[] labels = new string[tags.Length];
                for (int i = 0; i < labels.Length; i++)
                {
                    labels[i] = PrometheusName.Label(tags[i].Key);
                }

                Register(labels);
                _labels = labels;
            }
        }
    }

    [InlineArray(MaxLabels)]
    private struct Values
    {
        private string _first;
    }
}

/// <summary>One of a kind of Prometheus' metrics.</summary>
/// <param name="create">Makes its metrics from the labels' names.</param>
/// <param name="record">Takes a measurement for the labels' values.</param>
internal sealed class ExportedInstrument<TChild>(Func<string[], Collector<TChild>[]> create, ExportedInstrument<TChild>.Recording record) : ExportedInstrument
    where TChild : ChildBase
{
    private Collector<TChild>[] _collectors = [];

    /// <summary>Takes a measurement for the labels' values.</summary>
    public delegate void Recording(Collector<TChild> collector, ReadOnlySpan<string> labels, double value);

    protected override void Register(string[] labels) => _collectors = create(labels);

    protected override void Record(double value, ReadOnlySpan<string> labels)
    {
        foreach (Collector<TChild> collector in _collectors)
        {
            record(collector, labels, value);
        }
    }

    protected override void Remove(string[] labels)
    {
        foreach (Collector<TChild> collector in _collectors)
        {
            collector.RemoveLabelled(labels);
        }
    }
}
