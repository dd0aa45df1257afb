using System.Security.Cryptography;
using Dynamo.Security.Keys;

namespace Dynamo.Security.Handshake;

/// <summary>
/// The four messages. Each begins with magic (8 bytes), version (1) and kind (1); what follows has a fixed length per kind:
/// hello = channel (1), SHA-256 of the cluster's name (32), nonce (32); answer = nonce (32), code (32); proof = code (32); refusal = fault (1).
/// </summary>
internal static class HandshakeWire
{
    public const byte Version = 1;
    public const int HeaderSize = 10;
    public const int NonceSize = 32;
    public const int ClusterSize = SHA256.HashSizeInBytes;
    public const int HelloSize = 1 + ClusterSize + NonceSize;
    public const int AnswerSize = NonceSize + ClusterKey.MacSize;
    public const int ProofSize = ClusterKey.MacSize;
    public const int RefusalSize = 1;

    /// <summary>What is signed: label (16), version, role and channel (1 each), cluster (32), the connector's nonce (32), the acceptor's (32).</summary>
    private const int SignedSize = 16 + 3 + ClusterSize + (2 * NonceSize);

    public static ReadOnlySpan<byte> Magic => "DYNAMOHS"u8;

    private static ReadOnlySpan<byte> Label => "dynamo handshake"u8;

    /// <summary>A whole message with its body still zero.</summary>
    public static byte[] Message(HandshakeKind kind, int bodySize)
    {
        byte[] message = new byte[HeaderSize + bodySize];
        Magic.CopyTo(message);
        message[8] = Version;
        message[9] = (byte)kind;
        return message;
    }

    public static int BodySize(HandshakeKind kind) => kind switch
    {
        HandshakeKind.Hello => HelloSize,
        HandshakeKind.Answer => AnswerSize,
        HandshakeKind.Proof => ProofSize,
        _ => RefusalSize,
    };

    /// <summary>The bytes that a proof signs. Roles differ, so a proof sent back to its maker is worth nothing; all fields have fixed lengths.</summary>
    public static byte[] Signed(HandshakeKind role, HandshakeChannel channel, ReadOnlySpan<byte> cluster, ReadOnlySpan<byte> connectorNonce, ReadOnlySpan<byte> acceptorNonce)
    {
        byte[] signed = new byte[SignedSize];
        Label.CopyTo(signed);
        signed[16] = Version;
        signed[17] = (byte)role;
        signed[18] = (byte)channel;
        cluster.CopyTo(signed.AsSpan(19));
        connectorNonce.CopyTo(signed.AsSpan(19 + ClusterSize));
        acceptorNonce.CopyTo(signed.AsSpan(19 + ClusterSize + NonceSize));
        return signed;
    }
}
