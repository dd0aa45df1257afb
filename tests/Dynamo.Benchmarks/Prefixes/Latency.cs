using System.Diagnostics;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>How long single calls took, in nanoseconds.</summary>
/// <param name="P50">Half took at most this.</param>
/// <param name="P99">99 of 100 did.</param>
internal readonly record struct Latency(double P50, double P99)
{
    /// <summary>Takes it from timestamps' differences; sorts them.</summary>
    public static Latency Of(Span<long> ticks)
    {
        ticks.Sort();
        return new Latency(Nanoseconds(ticks[ticks.Length / 2]), Nanoseconds(ticks[(int)(ticks.Length * 0.99)]));
    }

    private static double Nanoseconds(long ticks) => ticks * 1e9 / Stopwatch.Frequency;
}
