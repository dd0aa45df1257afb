namespace Dynamo.Benchmarks.Serving;

/// <summary>An answer as it came.</summary>
/// <param name="Bytes">All of it, head and framing too.</param>
/// <param name="SentAt">The stopwatch's timestamp before the request was sent.</param>
/// <param name="Arrivals">After each read, how many bytes were there, and when.</param>
internal sealed record RawAnswer(byte[] Bytes, long SentAt, (int Length, long Timestamp)[] Arrivals)
{
    /// <summary>From the request to the last byte, in the stopwatch's ticks.</summary>
    public long Duration => Arrivals[^1].Timestamp - SentAt;

    /// <summary>Which read brought a byte.</summary>
    public int ArrivalOf(int index)
    {
        int arrival = 0;
        while (Arrivals[arrival].Length <= index)
        {
            arrival++;
        }

        return arrival;
    }
}
