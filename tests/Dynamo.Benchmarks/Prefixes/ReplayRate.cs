using System.Diagnostics;

namespace Dynamo.Benchmarks.Prefixes;

/// <summary>How many operations a second one thread takes in time, if they come one by one at random moments and wait for those before.</summary>
internal static class ReplayRate
{
    private const int NumHalvings = 20;

    /// <summary>Finds it from how long each operation took, by adding up waits; nothing runs again.</summary>
    /// <param name="ticks">What each took, in its order, in ticks of <see cref="Stopwatch"/>.</param>
    /// <param name="timeout">What 99 of 100 operations may take, their wait included.</param>
    /// <param name="seed">Of the moments.</param>
    /// <returns>Operations a second; 0 when it is too slow at any rate.</returns>
    public static double Of(ReadOnlySpan<long> ticks, TimeSpan timeout, int seed)
    {
        Random random = new(seed);
        double[] gaps = new double[ticks.Length];
        double sum = 0;
        for (int i = 0; i < gaps.Length; i++)
        {
            gaps[i] = -Math.Log(1 - random.NextDouble());
            sum += ticks[i];
        }

        double low = 0;
        double high = ticks.Length / sum;
        for (int i = 0; i < NumHalvings; i++)
        {
            double rate = (low + high) / 2;
            (low, high) = IsInTime(ticks, gaps, rate, timeout.TotalSeconds * Stopwatch.Frequency) ? (rate, high) : (low, rate);
        }

        return low * Stopwatch.Frequency;
    }

    private static bool IsInTime(ReadOnlySpan<long> ticks, double[] gaps, double rate, double timeout)
    {
        long numLate = 0;
        double wait = 0;
        for (int i = 0; i < ticks.Length; i++)
        {
            double took = wait + ticks[i];
            numLate += took > timeout ? 1 : 0;
            wait = Math.Max(0, took - (gaps[i] / rate));
        }

        return 100 * numLate <= ticks.Length;
    }
}
