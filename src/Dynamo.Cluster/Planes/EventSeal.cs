using System.Text;
using Dynamo.Security.Keys;

namespace Dynamo.Cluster.Planes;

/// <summary>
/// Marks messages as this cluster's: an HMAC of subject and content under the cluster key goes behind them, so that whoever else may publish to the
/// same NATS cannot tell routers anything. A message that is played again is no news: it has its worker's generation and numbers. Thread-safe.
/// </summary>
internal sealed class EventSeal(ClusterKey key)
{
    /// <summary>Bytes that a seal adds.</summary>
    public const int Size = ClusterKey.MacSize;

    /// <summary>The message with its seal.</summary>
    public byte[] Seal(string subject, ReadOnlySpan<byte> message)
    {
        byte[] sealedMessage = new byte[message.Length + Size];
        message.CopyTo(sealedMessage);
        key.Sign(Signed(subject, message), sealedMessage.AsSpan(message.Length));
        return sealedMessage;
    }

    /// <summary>The message without its seal, or <see langword="null"/> when that is not this cluster's for this subject.</summary>
    public byte[]? Open(string subject, ReadOnlySpan<byte> sealedMessage)
    {
        if (sealedMessage.Length < Size)
        {
            return null;
        }

        ReadOnlySpan<byte> message = sealedMessage[..^Size];
        return key.Verify(Signed(subject, message), sealedMessage[^Size..]) ? message.ToArray() : null;
    }

    // A subject has no byte 0.
    private static byte[] Signed(string subject, ReadOnlySpan<byte> message)
    {
        int length = Encoding.UTF8.GetByteCount(subject);
        byte[] signed = new byte[length + 1 + message.Length];
        Encoding.UTF8.GetBytes(subject, signed);
        message.CopyTo(signed.AsSpan(length + 1));
        return signed;
    }
}
