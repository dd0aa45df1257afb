using System.IO.Pipelines;
using Dynamo.Security.Handshake;
using Dynamo.Security.Keys;

namespace Dynamo.ClusterTests.Security;

/// <summary>Two directions between a connector and an acceptor, in memory.</summary>
internal sealed class HandshakePair
{
    public const string ClusterName = "test";

    public static readonly ClusterKey Key = ClusterKey.Parse(new string('5', 2 * ClusterKey.Size))!;

    private readonly Pipe _up = new();
    private readonly Pipe _down = new();

    public HandshakePair() => (ConnectorInput, ConnectorOutput, AcceptorInput, AcceptorOutput) =
        (_down.Reader.AsStream(), _up.Writer.AsStream(), _up.Reader.AsStream(), _down.Writer.AsStream());

    public Stream ConnectorInput { get; }

    public Stream ConnectorOutput { get; }

    public Stream AcceptorInput { get; }

    public Stream AcceptorOutput { get; }

    public Task ConnectAsync(ClusterHandshake handshake, HandshakeChannel channel = HandshakeChannel.Silo, CancellationToken cancellationToken = default) =>
        handshake.ConnectAsync(ConnectorInput, ConnectorOutput, channel, cancellationToken);

    public Task AcceptAsync(ClusterHandshake handshake, HandshakeChannel channel = HandshakeChannel.Silo, CancellationToken cancellationToken = default) =>
        handshake.AcceptAsync(AcceptorInput, AcceptorOutput, channel, cancellationToken);
}
