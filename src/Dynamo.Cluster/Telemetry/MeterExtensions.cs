using System.Diagnostics.Metrics;

namespace Dynamo.Cluster.Telemetry;

/// <summary>Instruments with the little that all of ours have.</summary>
public static class MeterExtensions
{
    /// <summary>Creates a histogram that says which buckets fit what it measures; whoever exports it may use others.</summary>
    /// <param name="meter">The meter.</param>
    /// <param name="name">Its name, words between points.</param>
    /// <param name="unit">UCUM: <c>s</c>, <c>ms</c>, <c>1</c>, <c>{token}</c>.</param>
    /// <param name="description">What it measures.</param>
    /// <param name="buckets">Upper bounds, ascending, in the unit.</param>
    public static Histogram<double> CreateHistogram(this Meter meter, string name, string unit, string description, double[] buckets) =>
        meter.CreateHistogram(name, unit, description, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });

    /// <summary>Records a value as often as it was measured.</summary>
    public static void Record(this Histogram<double> histogram, double value, int count, in KeyValuePair<string, object?> tag)
    {
        for (int i = 0; i < count; i++)
        {
            histogram.Record(value, tag);
        }
    }
}
