using System.Diagnostics;

namespace Dynamo.Benchmarks.Serving;

/// <summary>How long something is tried again.</summary>
/// <param name="timeout">So long.</param>
/// <param name="what">What is waited for.</param>
internal sealed class Deadline(TimeSpan timeout, string what)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>Waits before the next try.</summary>
    /// <exception cref="BenchmarkFault">The time is over.</exception>
    public void WaitABit()
    {
        if (Stopwatch.GetElapsedTime(_start) > timeout)
        {
            throw new BenchmarkFault($"waited {timeout.TotalSeconds:0} s in vain for {what}.");
        }

        Thread.Sleep(Interval);
    }
}
