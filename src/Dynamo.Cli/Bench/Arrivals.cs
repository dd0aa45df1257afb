using Dynamo.Simulation.Traces;

namespace Dynamo.Cli.Bench;

/// <summary>When requests of an open loop are meant to be sent: times since its start, in order.</summary>
internal static class Arrivals
{
    /// <summary>Equal gaps, without end; the first at 0.</summary>
    /// <param name="rate">Requests a second.</param>
    public static IEnumerable<TimeSpan> Even(double rate)
    {
        // From the number, not by adding up: rounding does not gather.
        for (long i = 0; ; i++)
        {
            yield return TimeSpan.FromTicks((long)(i / rate * TimeSpan.TicksPerSecond));
        }
    }

    /// <summary>Gaps of a Poisson process, without end.</summary>
    /// <param name="rate">Requests a second, on average.</param>
    /// <param name="random">Where chance comes from.</param>
    public static IEnumerable<TimeSpan> Poisson(double rate, Random random)
    {
        for (double seconds = 0; ;)
        {
            seconds -= Math.Log(1 - random.NextDouble()) / rate;
            yield return TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond));
        }
    }

    /// <summary>As a trace has them, its first request at 0.</summary>
    /// <param name="trace">Its requests.</param>
    /// <param name="speed">How much faster than recorded.</param>
    public static IEnumerable<TimeSpan> Recorded(IReadOnlyList<TraceRequest> trace, double speed)
    {
        foreach (TraceRequest request in trace)
        {
            yield return TimeSpan.FromMilliseconds((request.ArrivalMilliseconds - trace[0].ArrivalMilliseconds) / speed);
        }
    }
}
