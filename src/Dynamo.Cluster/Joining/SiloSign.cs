namespace Dynamo.Cluster.Joining;

/// <summary>What came of looking for a silo at its address.</summary>
internal enum SiloSign
{
    /// <summary>A silo of this cluster is there.</summary>
    Lives,

    /// <summary>The host answers that nobody listens: a fact.</summary>
    Refused,

    /// <summary>Something listens there that is no silo of this cluster.</summary>
    Stranger,

    /// <summary>Something takes the connection and says nothing, as a process that hangs does.</summary>
    Mute,

    /// <summary>No answer, or no way there: the host is down, or the network is cut. An opinion.</summary>
    Unreachable,
}
