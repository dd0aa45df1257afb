namespace Dynamo.Security.Handshake;

/// <summary>A peer did not prove that it belongs to the cluster, or refused our proof. The connection must be closed.</summary>
public sealed class HandshakeException : IOException
{
    /// <summary>Creates the exception.</summary>
    public HandshakeException(HandshakeFault fault, bool isByPeer = false, Exception? innerException = null)
        : base(isByPeer ? $"the peer refuses us: {Text(fault)}" : Text(fault), innerException) =>
        (Fault, IsByPeer) = (fault, isByPeer);

    /// <summary>What went wrong.</summary>
    public HandshakeFault Fault { get; }

    /// <summary>The peer found it, not we.</summary>
    public bool IsByPeer { get; }

    private static string Text(HandshakeFault fault) => fault switch
    {
        HandshakeFault.NotOurProtocol => "it does not speak the cluster's handshake (another program, or an Orleans client without UseDynamoClusterKey)",
        HandshakeFault.OtherVersion => "other version of the handshake (run one version of dynamo on all nodes)",
        HandshakeFault.OtherCluster => "other cluster (the names given by DYN_NAMESPACE differ)",
        HandshakeFault.WrongChannel => "wrong kind of connection (silo port and gateway port mixed up?)",
        HandshakeFault.WrongKey => "wrong cluster key (DYN_CLUSTER_KEY or --cluster-key-file differ)",
        HandshakeFault.OutOfOrder => "message out of order, as in a replay or reflection",
        HandshakeFault.Timeout => $"handshake not finished within {ClusterHandshake.Deadline.TotalSeconds:0} s",
        HandshakeFault.Closed => "connection closed during the handshake",
        _ => $"reason {(byte)fault} of a newer version",
    };
}
