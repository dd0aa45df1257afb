using System.Diagnostics;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>Waits for what cannot be listened to, by asking again and again.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks until the answer is yes.</summary>
    /// <param name="condition">The question.</param>
    /// <param name="complaint">What to say when it never was.</param>
    /// <returns>How long it took.</returns>
    /// <exception cref="TimeoutException">It was not in time.</exception>
    public static async Task<TimeSpan> TrueAsync(Func<Task<bool>> condition, Func<Task<string>> complaint)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Limit)
            {
                throw new TimeoutException($"After {Limit}: {await complaint()}");
            }

            await Task.Delay(Interval);
        }

        return Stopwatch.GetElapsedTime(start);
    }
}
