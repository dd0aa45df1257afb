using System.Diagnostics;

namespace Dynamo.Benchmarks.Probes;

/// <summary>Runs one loop on several threads at once and times all of them together.</summary>
internal static class ThreadTeam
{
    /// <summary>Runs <paramref name="body"/> with each thread's number.</summary>
    /// <returns>Seconds from the first start to the last end.</returns>
    public static double Time(int numThreads, Action<int> body)
    {
        using Barrier together = new(numThreads);
        long[] starts = new long[numThreads];
        long[] ends = new long[numThreads];
        Thread[] threads = new Thread[numThreads];
        for (int i = 0; i < numThreads; i++)
        {
            int number = i;
            threads[i] = new Thread(() =>
            {
                together.SignalAndWait();
                starts[number] = Stopwatch.GetTimestamp();
                body(number);
                ends[number] = Stopwatch.GetTimestamp();
            });
            threads[i].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        return Stopwatch.GetElapsedTime(starts.Min(), ends.Max()).TotalSeconds;
    }
}
