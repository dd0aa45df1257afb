namespace Dynamo.Security.Handshake;

/// <summary>What a connection is for; stands in the proof, so a connection for one thing is no use for another. Values are on the wire.</summary>
public enum HandshakeChannel : byte
{
    /// <summary>Between silos.</summary>
    Silo = 1,

    /// <summary>From an Orleans client to a frontend.</summary>
    Gateway = 2,

    /// <summary>Between ranks of one instance.</summary>
    Rank = 3,

    /// <summary>KV blocks between workers.</summary>
    KV = 4,
}
