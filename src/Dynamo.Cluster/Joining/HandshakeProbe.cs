using System.Net.Sockets;
using Dynamo.Security.Handshake;

namespace Dynamo.Cluster.Joining;

/// <summary>Connects as a silo would, lets the peer prove that it belongs to the cluster, and hangs up.</summary>
internal sealed class HandshakeProbe(ClusterHandshake handshake, TimeProvider time) : ISiloProbe
{
    /// <summary>For connecting, and again for the proof.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    public async Task<SiloSign> ProbeAsync(SiloAddress silo, bool isShown, CancellationToken cancellationToken)
    {
        using Socket socket = new(silo.Endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            using Limit limit = new(time, cancellationToken);
            await socket.ConnectAsync(silo.Endpoint, limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return SiloSign.Unreachable;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionRefused ? SiloSign.Refused : SiloSign.Unreachable;
        }

        return isShown ? SiloSign.Lives : await ProveAsync(socket, cancellationToken);
    }

    private async Task<SiloSign> ProveAsync(Socket socket, CancellationToken cancellationToken)
    {
        await using NetworkStream stream = new(socket);
        try
        {
            using Limit limit = new(time, cancellationToken);
            await handshake.ConnectAsync(stream, stream, HandshakeChannel.Silo, limit.Token);
            return SiloSign.Lives;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return SiloSign.Mute;
        }
        catch (HandshakeException e)
        {
            return e.Fault switch
            {
                // A silo that ends, or one of another version, is still one of ours; who closes without a word may be anybody.
                HandshakeFault.Closed or HandshakeFault.Timeout => SiloSign.Mute,
                HandshakeFault.NotOurProtocol or HandshakeFault.OtherCluster or HandshakeFault.WrongChannel or HandshakeFault.WrongKey => SiloSign.Stranger,
                _ => SiloSign.Lives,
            };
        }
    }

    private sealed class Limit : IDisposable
    {
        private readonly CancellationTokenSource _deadline;
        private readonly CancellationTokenSource _either;

        public Limit(TimeProvider time, CancellationToken cancellationToken)
        {
            _deadline = new CancellationTokenSource(Timeout, time);
            _either = CancellationTokenSource.CreateLinkedTokenSource(_deadline.Token, cancellationToken);
        }

        public CancellationToken Token => _either.Token;

        public void Dispose()
        {
            _either.Dispose();
            _deadline.Dispose();
        }
    }
}
