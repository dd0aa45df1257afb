namespace Dynamo.Cluster.Telemetry;

/// <summary>Histogram buckets of routing, as Dynamo's router makes them.</summary>
public static class RouterBuckets
{
    /// <summary>Shares, 0 to 1.</summary>
    public static double[] HitRate => [.. Enumerable.Range(0, 21).Select(static i => i * 0.05)];

    /// <summary>Milliseconds of pure computing: 1 µs and its doubles.</summary>
    public static double[] Computing => Exponential(0.001, 2, 15);

    /// <summary>Milliseconds of what may wait for another process: 10 µs and its threefolds.</summary>
    public static double[] Calls => Exponential(0.01, 3, 17);

    private static double[] Exponential(double first, double factor, int count) => [.. Enumerable.Range(0, count).Select(i => first * Math.Pow(factor, i))];
}
