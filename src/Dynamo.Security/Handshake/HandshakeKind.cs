namespace Dynamo.Security.Handshake;

/// <summary>Kind of a message; values are on the wire.</summary>
internal enum HandshakeKind : byte
{
    /// <summary>The connector's first.</summary>
    Hello = 1,

    /// <summary>The acceptor's, with its proof.</summary>
    Answer = 2,

    /// <summary>The connector's proof; the last one.</summary>
    Proof = 3,

    /// <summary>Either's, before it closes.</summary>
    Refusal = 4,
}
