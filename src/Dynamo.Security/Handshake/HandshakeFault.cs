namespace Dynamo.Security.Handshake;

/// <summary>Why a handshake failed. Values up to <see cref="OutOfOrder"/> are on the wire.</summary>
public enum HandshakeFault : byte
{
    /// <summary>What came is not this handshake.</summary>
    NotOurProtocol = 1,

    /// <summary>The peer speaks another version of it.</summary>
    OtherVersion = 2,

    /// <summary>The peer is of a cluster with another name.</summary>
    OtherCluster = 3,

    /// <summary>The peer wants another kind of connection.</summary>
    WrongChannel = 4,

    /// <summary>The peer's proof is not made with this cluster's key for this very connection.</summary>
    WrongKey = 5,

    /// <summary>A message that is not the next one: reflected or replayed.</summary>
    OutOfOrder = 6,

    /// <summary>The peer took too long.</summary>
    Timeout = 7,

    /// <summary>The connection ended first.</summary>
    Closed = 8,
}
