using System.Net.Sockets;

namespace Dynamo.Cluster.Net;

/// <summary>Tries to open a TCP connection, and closes it at once.</summary>
public static class TcpProbe
{
    /// <summary>Tries once.</summary>
    /// <param name="host">Name or address.</param>
    /// <param name="port">Port, 1 to 65535.</param>
    /// <param name="timeout">How long to wait for an answer, name look-up included.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Gives up with an exception.</param>
    public static async Task<TcpAnswer> ConnectAsync(string host, int port, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        using CancellationTokenSource deadline = new(timeout, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(host, port, either.Token);
            return TcpAnswer.Connected;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return TcpAnswer.Silence;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => TcpAnswer.Refused,
                SocketError.TimedOut => TcpAnswer.Silence,
                SocketError.HostUnreachable or SocketError.NetworkUnreachable => TcpAnswer.NoRoute,
                SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => TcpAnswer.NoName,
                _ => TcpAnswer.Failed,
            };
        }
    }
}
