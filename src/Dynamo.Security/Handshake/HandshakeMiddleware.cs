using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Orleans.Runtime.Messaging;

namespace Dynamo.Security.Handshake;

/// <summary>Runs the handshake on Orleans' connections, before Orleans reads or writes a byte; a connection that fails it is closed.</summary>
internal sealed partial class HandshakeMiddleware(
    ClusterHandshake handshake,
    HandshakeChannel channel,
    bool isConnector,
    RepeatedFaults faults,
    ILogger<ClusterHandshake> logger) : IConnectionMiddleware
{
    private static readonly TimeSpan EndTimeout = TimeSpan.FromSeconds(1);

    public async Task OnConnectionAsync(ConnectionContext context, ConnectionDelegate next)
    {
        IDuplexPipe transport = context.Transport;
        try
        {
            Stream input = transport.Input.AsStream(leaveOpen: true);
            Stream output = transport.Output.AsStream(leaveOpen: true);
            await (isConnector
                ? handshake.ConnectAsync(input, output, channel, context.ConnectionClosed)
                : handshake.AcceptAsync(input, output, channel, context.ConnectionClosed));
        }
        catch (HandshakeException e)
        {
            Report(context.RemoteEndPoint, e);
            await EndAsync(context);
            throw;
        }

        await next(context);
    }

    // Orleans closes a connection whose middleware throws, without sending what is still to be sent: the reason for the peer.
    private static async Task EndAsync(ConnectionContext context)
    {
        await context.Transport.Output.CompleteAsync();
        TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration registration = context.ConnectionClosed.Register(closed.SetResult);
        await Task.WhenAny(closed.Task, Task.Delay(EndTimeout));
    }

    private void Report(EndPoint? peer, HandshakeException fault)
    {
        if (fault.Fault == HandshakeFault.Closed && !isConnector)
        {
            // Somebody has looked whether anybody listens here: another silo, or 'dynamo doctor'.
            LogHungUp(channel, peer);
            return;
        }

        string address = (peer as IPEndPoint)?.Address.ToString() ?? "unknown address";
        if (!faults.Count($"{address} {channel} {isConnector} {fault.Fault} {fault.IsByPeer}", out int numOmitted))
        {
            return;
        }

        string direction = isConnector ? "to" : "from";
        if (numOmitted == 0)
        {
            LogRefused(channel, direction, peer, fault.Message);
        }
        else
        {
            LogRefusedAgain(channel, direction, peer, fault.Message, numOmitted);
        }
    }

    [LoggerMessage(LogLevel.Debug, "{Channel} connection from {Peer} ended before the handshake.")]
    private partial void LogHungUp(HandshakeChannel channel, EndPoint? peer);

    [LoggerMessage(LogLevel.Warning, "{Channel} connection {Direction} {Peer} refused: {Reason}.")]
    private partial void LogRefused(HandshakeChannel channel, string direction, EndPoint? peer, string reason);

    [LoggerMessage(LogLevel.Warning, "{Channel} connection {Direction} {Peer} refused: {Reason}. {NumOmitted} more since this was last said.")]
    private partial void LogRefusedAgain(HandshakeChannel channel, string direction, EndPoint? peer, string reason, int numOmitted);
}
