namespace Dynamo.Engine.Sharing;

/// <summary>What one engine could use of a host's cores, and whether it does. Shared with other processes: the layout is fixed.</summary>
internal struct CoreClaim
{
    /// <summary>Processors it may run on.</summary>
    public CpuSet Processors;

    /// <summary>Names the control group whose quota binds it; 0 without one.</summary>
    public ulong Group;

    /// <summary>Until when it counts as busy, on the clock that all processes of a host share (<see cref="TimeProvider.GetTimestamp"/>); <see cref="long.MaxValue"/> during a step.</summary>
    public long BusyUntil;

    /// <summary>Whole cores of that quota, for all of the group together; at least 1.</summary>
    public int GroupCores;

    /// <summary>Threads it has use for; at least 1.</summary>
    public int NumThreads;

    /// <summary>1 when it uses that many whatever others do (<c>--num-threads</c>).</summary>
    public int IsFixed;

    /// <summary>The process, for people.</summary>
    public int ProcessId;
}
