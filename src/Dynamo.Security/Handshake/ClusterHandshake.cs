using System.Security.Cryptography;
using System.Text;
using Dynamo.Security.Keys;
using static Dynamo.Security.Handshake.HandshakeWire;

namespace Dynamo.Security.Handshake;

/// <summary>
/// Both ends of a new connection prove that they know the cluster key, before anything else is sent. The connector says hello with a nonce; the
/// acceptor answers with a nonce of its own and an HMAC-SHA256 over both, its role, the kind of connection and the cluster's name; the connector
/// answers likewise. Costs one round trip before the connector may send. Nothing is encrypted, and what follows is not signed.
/// Reads exactly its own bytes, so the stream can be used on. Thread-safe.
/// </summary>
public sealed class ClusterHandshake
{
    /// <summary>Time for the whole exchange.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    private readonly ClusterKey _key;
    private readonly byte[] _cluster;
    private readonly TimeProvider _time;

    /// <summary>Creates a handshake for one cluster.</summary>
    public ClusterHandshake(ClusterKey key, string clusterId, TimeProvider time) =>
        (_key, _cluster, _time) = (key, SHA256.HashData(Encoding.UTF8.GetBytes(clusterId)), time);

    /// <summary>The side that opened the connection.</summary>
    /// <exception cref="HandshakeException">The peer is not trusted, or does not trust us.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task ConnectAsync(Stream input, Stream output, HandshakeChannel channel, CancellationToken cancellationToken) =>
        InTimeAsync(token => ConnectInTimeAsync(input, output, channel, token), cancellationToken);

    /// <summary>The side that took the connection.</summary>
    /// <exception cref="HandshakeException">The peer is not trusted, or does not trust us.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task AcceptAsync(Stream input, Stream output, HandshakeChannel channel, CancellationToken cancellationToken) =>
        InTimeAsync(token => AcceptInTimeAsync(input, output, channel, token), cancellationToken);

    private async Task ConnectInTimeAsync(Stream input, Stream output, HandshakeChannel channel, CancellationToken cancellationToken)
    {
        byte[] nonce = RandomNumberGenerator.GetBytes(NonceSize);
        byte[] hello = Message(HandshakeKind.Hello, HelloSize);
        hello[HeaderSize] = (byte)channel;
        _cluster.CopyTo(hello.AsSpan(HeaderSize + 1));
        nonce.CopyTo(hello.AsSpan(HeaderSize + 1 + ClusterSize));
        await SendAsync(output, hello, cancellationToken);

        byte[] answer = await ReceiveAsync(input, HandshakeKind.Answer, cancellationToken);
        ReadOnlyMemory<byte> peerNonce = answer.AsMemory(0, NonceSize);
        if (!_key.Verify(Signed(HandshakeKind.Answer, channel, _cluster, nonce, peerNonce.Span), answer.AsSpan(NonceSize)))
        {
            await RefuseAsync(output, HandshakeFault.WrongKey, cancellationToken);
        }

        byte[] proof = Message(HandshakeKind.Proof, ProofSize);
        _key.Sign(Signed(HandshakeKind.Proof, channel, _cluster, nonce, peerNonce.Span), proof.AsSpan(HeaderSize));
        await SendAsync(output, proof, cancellationToken);
    }

    private async Task AcceptInTimeAsync(Stream input, Stream output, HandshakeChannel channel, CancellationToken cancellationToken)
    {
        byte[] hello = await ReceiveAsync(input, HandshakeKind.Hello, cancellationToken);
        if (!hello.AsSpan(1, ClusterSize).SequenceEqual(_cluster))
        {
            await RefuseAsync(output, HandshakeFault.OtherCluster, cancellationToken);
        }

        if (hello[0] != (byte)channel)
        {
            await RefuseAsync(output, HandshakeFault.WrongChannel, cancellationToken);
        }

        ReadOnlyMemory<byte> peerNonce = hello.AsMemory(1 + ClusterSize, NonceSize);
        byte[] nonce = RandomNumberGenerator.GetBytes(NonceSize);
        byte[] answer = Message(HandshakeKind.Answer, AnswerSize);
        nonce.CopyTo(answer.AsSpan(HeaderSize));
        _key.Sign(Signed(HandshakeKind.Answer, channel, _cluster, peerNonce.Span, nonce), answer.AsSpan(HeaderSize + NonceSize));
        await SendAsync(output, answer, cancellationToken);

        byte[] proof = await ReceiveAsync(input, HandshakeKind.Proof, cancellationToken);
        if (!_key.Verify(Signed(HandshakeKind.Proof, channel, _cluster, peerNonce.Span, nonce), proof))
        {
            await RefuseAsync(output, HandshakeFault.WrongKey, cancellationToken);
        }
    }

    // Version and magic are judged before the peer is asked for more bytes, so that a stranger is named at once and not by the deadline.
    private static async Task<byte[]> ReceiveAsync(Stream input, HandshakeKind expected, CancellationToken cancellationToken)
    {
        byte[] header = new byte[HeaderSize];
        await input.ReadExactlyAsync(header, cancellationToken);
        if (!header.AsSpan(0, Magic.Length).SequenceEqual(Magic))
        {
            throw new HandshakeException(HandshakeFault.NotOurProtocol);
        }

        if (header[8] != HandshakeWire.Version)
        {
            throw new HandshakeException(HandshakeFault.OtherVersion);
        }

        HandshakeKind kind = (HandshakeKind)header[9];
        if (kind != expected && kind != HandshakeKind.Refusal)
        {
            throw new HandshakeException(HandshakeFault.OutOfOrder);
        }

        byte[] body = new byte[BodySize(kind)];
        await input.ReadExactlyAsync(body, cancellationToken);
        return kind == expected ? body : throw new HandshakeException((HandshakeFault)body[0], isByPeer: true);
    }

    private static async Task RefuseAsync(Stream output, HandshakeFault fault, CancellationToken cancellationToken)
    {
        byte[] refusal = Message(HandshakeKind.Refusal, RefusalSize);
        refusal[HeaderSize] = (byte)fault;
        await SendAsync(output, refusal, cancellationToken);
        throw new HandshakeException(fault);
    }

    private static async Task SendAsync(Stream output, byte[] message, CancellationToken cancellationToken)
    {
        await output.WriteAsync(message, cancellationToken);
        await output.FlushAsync(cancellationToken);
    }

    private async Task InTimeAsync(Func<CancellationToken, Task> exchange, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(Deadline, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await exchange(either.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException || (e is IOException && e is not HandshakeException))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new HandshakeException(deadline.IsCancellationRequested ? HandshakeFault.Timeout : HandshakeFault.Closed, innerException: e);
        }
    }
}
