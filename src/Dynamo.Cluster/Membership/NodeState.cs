namespace Dynamo.Cluster.Membership;

/// <summary>Where a process is in its life.</summary>
public enum NodePhase
{
    /// <summary>The process answers <c>/live</c> and is not yet a member of its cluster.</summary>
    Starting,

    /// <summary>The process is a member.</summary>
    Serving,

    /// <summary>The process finishes what runs and takes nothing new.</summary>
    Leaving,
}

/// <summary>Where this process is in its life; only ever goes on. Thread-safe.</summary>
/// <param name="phase">The first phase.</param>
public sealed class NodeState(NodePhase phase)
{
    private int _phase = (int)phase;

    /// <summary>The phase.</summary>
    public NodePhase Phase => (NodePhase)Volatile.Read(ref _phase);

    /// <summary>Goes on to a phase, unless the process is further already.</summary>
    public void Enter(NodePhase phase)
    {
        int seen = Volatile.Read(ref _phase);
        while (seen < (int)phase)
        {
            int before = Interlocked.CompareExchange(ref _phase, (int)phase, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
