using Dynamo.Protocol.Load;

namespace Dynamo.Routing.Sessions;

/// <summary>Which worker each session is at. Not thread-safe.</summary>
internal sealed class SessionTable(double idleMilliseconds)
{
    private readonly Dictionary<string, (WorkerId Worker, double UsedAt)> _sessions = new(StringComparer.Ordinal);

    /// <summary>Sessions that are remembered, some perhaps over.</summary>
    public int Count => _sessions.Count;

    /// <summary>The worker of a session, if it has one.</summary>
    public WorkerId? Find(string session, double now) =>
        _sessions.TryGetValue(session, out (WorkerId Worker, double UsedAt) bound) && now - bound.UsedAt <= idleMilliseconds ? bound.Worker : null;

    /// <summary>A request of the session was sent to a worker.</summary>
    public void Bind(string session, WorkerId worker, double now) => _sessions[session] = (worker, now);

    /// <summary>A request of the session has ended: its idle time begins.</summary>
    public void Touch(string session, double now)
    {
        if (_sessions.TryGetValue(session, out (WorkerId Worker, double UsedAt) bound))
        {
            _sessions[session] = bound with { UsedAt = now };
        }
    }

    /// <summary>Forgets what has been idle for too long.</summary>
    public void Expire(double now)
    {
        foreach ((string session, (_, double usedAt)) in _sessions)
        {
            if (now - usedAt > idleMilliseconds)
            {
                _sessions.Remove(session);
            }
        }
    }
}
