namespace Dynamo.Routing.Configuration;

/// <summary>Whether and how requests of one session stay at one worker.</summary>
public sealed record SessionOptions
{
    /// <summary>A session that had no request for so long is forgotten (<c>--router-session-affinity-ttl-secs</c>).</summary>
    public required double IdleMilliseconds { get; init; }

    /// <summary>
    /// Whether a request waits for its session's worker when that is ready but has enough to do; otherwise it goes elsewhere then
    /// (<c>--router-session-affinity-mode hard|soft</c>). A worker that is gone or drains is left in either case.
    /// </summary>
    public bool IsHard { get; init; } = true;
}
