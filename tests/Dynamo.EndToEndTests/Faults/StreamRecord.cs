using System.Diagnostics;
using System.Net;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>What a client saw of one stream. Written by the client alone; the counts may be read meanwhile.</summary>
/// <param name="number">Which request it was.</param>
/// <param name="numTokens">How many tokens it asked for.</param>
internal sealed class StreamRecord(int number, int numTokens)
{
    private readonly List<StreamEvent> _events = new(numTokens + 4);
    private volatile int _numEvents;
    private volatile bool _isOver;

    /// <summary>Which request it was.</summary>
    public int Number => number;

    /// <summary>Tokens asked for.</summary>
    public int NumTokens => numTokens;

    /// <summary>Time at which it was sent, of <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public long Sent { get; } = Stopwatch.GetTimestamp();

    /// <summary>Events in the order of their arrival, without the final <c>[DONE]</c>; complete once it is over.</summary>
    public IReadOnlyList<StreamEvent> Events => _events;

    /// <summary>Events so far.</summary>
    public int NumEvents => _numEvents;

    /// <summary>Whether nothing more comes.</summary>
    public bool IsOver => _isOver;

    /// <summary>Id of the response, from its header.</summary>
    public string? ResponseId { get; set; }

    /// <summary>Id of the last event that carried one.</summary>
    public string? LastEventId { get; private set; }

    /// <summary>How often the client went on at another frontend.</summary>
    public int NumResumes { get; set; }

    /// <summary>How often the client sent its request again because the connection broke before any answer.</summary>
    public int NumRetries { get; set; }

    /// <summary>Status of the refusal, when it was refused.</summary>
    public HttpStatusCode? Refusal { get; private set; }

    /// <summary>Why it ended, when it did not end with <c>[DONE]</c>.</summary>
    public string? Error { get; private set; }

    /// <summary>Adds what came.</summary>
    public void Add(string data, string? id)
    {
        _events.Add(new StreamEvent(Stopwatch.GetTimestamp(), data));
        LastEventId = string.IsNullOrEmpty(id) ? LastEventId : id;
        _numEvents++;
    }

    /// <summary>It ended.</summary>
    /// <param name="error">Why, unless with <c>[DONE]</c>.</param>
    /// <param name="refusal">The status, when it never began.</param>
    public void End(string? error = null, HttpStatusCode? refusal = null)
    {
        (Error, Refusal) = (error, refusal);
        _isOver = true;
    }

    /// <summary>
    /// The longest time after a moment in which nothing came: from the moment, or the piece before, to the next piece. A stream that was over
    /// before has none.
    /// </summary>
    public TimeSpan LongestGapSince(long moment)
    {
        long longest = 0;
        long last = moment;
        foreach (StreamEvent item in _events)
        {
            if (item.Time > moment)
            {
                longest = Math.Max(longest, item.Time - last);
                last = item.Time;
            }
        }

        return Stopwatch.GetElapsedTime(0, longest);
    }
}

/// <summary>One event of a stream.</summary>
/// <param name="Time">When it came, of <see cref="Stopwatch.GetTimestamp"/>.</param>
/// <param name="Data">Its JSON.</param>
internal readonly record struct StreamEvent(long Time, string Data);
