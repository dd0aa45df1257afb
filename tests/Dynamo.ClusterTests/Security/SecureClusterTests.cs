using System.Net;
using System.Net.Sockets;
using Dynamo.Abstractions.Models;
using Dynamo.Abstractions.Serving;
using Dynamo.Security.Handshake;
using Dynamo.Security.Keys;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Core.Internal;
using Xunit;

namespace Dynamo.ClusterTests.Security;

/// <summary>Silos and clients on real sockets: who gets in, and what a client can do inside.</summary>
public sealed class SecureClusterTests(SecureClusterFixture fixture) : IClassFixture<SecureClusterFixture>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private RedisServer Redis => fixture.Redis!;

    private SecureSilo Silo => fixture.Silo!;

    private ClusterKey Key => Silo.Settings.Key!;

    [RedisFact]
    public async Task SilosOfOneKey_FormACluster_AndCallEachOther()
    {
        await using SecureSilo second = await SecureSilo.StartAsync(Redis);

        foreach (SecureSilo silo in new[] { Silo, second })
        {
            await UntilAsync(async () => (await silo.Grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true)).Count == 2, "both silos to be active");
            Assert.Equal("hello", await silo.Grains.GetGrain<IClosedGrain>(1).EchoAsync("hello"));
            Assert.Empty(silo.Health.Faults);
        }

        Assert.Empty(second.Log.Lines);
    }

    // A whole silo cannot be had here: one that gets no connection is voted dead and ends its process.
    [RedisFact]
    public async Task SiloOfAnotherKey_GetsNoConnection_AndBothSidesKnowWhy()
    {
        using Socket socket = await OpenAsync(Silo.Settings.SiloPort);
        await using NetworkStream stream = new(socket);
        ClusterHandshake handshake = new(ClusterKey.Create(), Silo.Settings.ClusterId, TimeProvider.System);
        HandshakeException fault = await Assert.ThrowsAsync<HandshakeException>(() => handshake.ConnectAsync(stream, stream, HandshakeChannel.Silo, CancellationToken.None));
        await EndsAsync(socket);

        Assert.Equal(HandshakeFault.WrongKey, fault.Fault);
        Assert.True(SiloSaid($"Silo connection from {socket.LocalEndPoint} refused: the peer refuses us: wrong cluster key", ""));
    }

    [RedisFact]
    public async Task SiloThatHidesItsRefusal_GetsNoConnectionEither()
    {
        using Socket socket = await OpenAsync(Silo.Settings.SiloPort);
        await using NetworkStream stream = new(socket);
        HandshakePair replay = new();
        Task hello = replay.ConnectAsync(new ClusterHandshake(Key, Silo.Settings.ClusterId, TimeProvider.System));
        byte[] bytes = new byte[75];
        await replay.AcceptorInput.ReadExactlyAsync(bytes);
        await stream.WriteAsync(bytes);
        await stream.ReadExactlyAsync(new byte[74]);
        await stream.WriteAsync((byte[])[.. "DYNAMOHS"u8, 1, 3, .. new byte[32]]);
        byte[] refusal = new byte[11];
        await stream.ReadExactlyAsync(refusal).AsTask().WaitAsync(Deadline);
        await EndsAsync(socket);
        await replay.AcceptorOutput.DisposeAsync();
        await Assert.ThrowsAsync<HandshakeException>(() => hello);

        Assert.Equal([.. "DYNAMOHS"u8, 1, 4, (byte)HandshakeFault.WrongKey], refusal);
        Assert.True(SiloSaid($"Silo connection from {socket.LocalEndPoint} refused: wrong cluster key", ""));
    }

    [RedisFact]
    public async Task ClientWithTheKey_CallsWhatIsOpen_StreamsAndCancels()
    {
        using IHost client = await Silo.ConnectAsync(Key);
        IOpenGrain grain = client.Services.GetRequiredService<IGrainFactory>().GetGrain<IOpenGrain>(1);

        Assert.Equal("hello", await grain.EchoAsync("hello"));
        Assert.Equal([0, 1, 2], await ToListAsync(grain.CountAsync(3)));
        using CancellationTokenSource cancellation = new();
        Task forever = grain.ForeverAsync(cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => forever.WaitAsync(Deadline));

        // The grain does one thing at a time: it answers, so it was really cancelled.
        Assert.Equal("free", await grain.EchoAsync("free"));
        await client.StopAsync();
    }

    [RedisFact]
    public async Task ClientWithTheKey_IsRefusedWhatIsNotOpen()
    {
        using IHost client = await Silo.ConnectAsync(Key);
        IGrainFactory grains = client.Services.GetRequiredService<IGrainFactory>();
        IClosedGrain closed = grains.GetGrain<IClosedGrain>(1);
        IOpenGrain open = grains.GetGrain<IOpenGrain>(1);
        GrainId frontend = Silo.Services.GetRequiredService<FrontendIds>().Of(Silo.Address);

        await RefusedAsync(() => closed.EchoAsync("hello"));
        await RefusedAsync(() => ToListAsync(closed.CountAsync(3)));
        await RefusedAsync(() => open.InheritedAsync());
        await RefusedAsync(() => open.Cast<IGrainManagementExtension>().DeactivateOnIdle().AsTask());
        await RefusedAsync(() => grains.GetGrain<IManagementGrain>(0).GetHosts());
        await RefusedAsync(() => grains.GetGrain<IModelRegistryGrain>(0).ListAsync());
        await RefusedAsync(() => grains.GetGrain<IModelGrain>("m").GetViewAsync());
        await RefusedAsync(() => grains.GetGrain(frontend).AsReference<IFrontendService>().DeliverAsync(new WireMessage(new byte[1])));

        Assert.Contains(Silo.Log.Lines, static line => line.Contains("may not call IClosedGrain.EchoAsync of probe/1; refused"));
        Assert.Equal("on", await Silo.Grains.GetGrain<IClosedGrain>(1).EchoAsync("on"));
        await client.StopAsync();
    }

    [RedisFact]
    public async Task ClientWithoutTheHandshake_IsRefused() =>
        await NotConnectedAsync(key: null, null, () => SiloSaid("Gateway connection from 127.0.0.1:", "UseDynamoClusterKey"));

    [RedisFact]
    public async Task ClientWithAnotherKey_IsRefused_AndBothSidesSayWhy()
    {
        LineLogger<SecureSilo> log = new();
        await NotConnectedAsync(
            ClusterKey.Create(),
            null,
            () => log.Lines.Any(line => line.Contains($"Gateway connection to 127.0.0.1:{Silo.Settings.GatewayPort} refused: wrong cluster key"))
                && SiloSaid("Gateway connection from 127.0.0.1:", "the peer refuses us: wrong cluster key"),
            log);
    }

    [RedisFact]
    public async Task ClientOfAnotherCluster_IsTold()
    {
        LineLogger<SecureSilo> log = new();
        await NotConnectedAsync(Key, "other", () => log.Lines.Any(static line => line.Contains("the peer refuses us: other cluster")), log);
    }

    [RedisFact]
    public async Task Strangers_AreCutOff_ThoseThatSayNothingAtTheDeadline()
    {
        List<Socket> silent = [];
        foreach (int port in new[] { Silo.Settings.GatewayPort, Silo.Settings.SiloPort })
        {
            using Socket talker = await OpenAsync(port);
            await talker.SendAsync("GET / HTTP/1.1\r\nHost: dynamo\r\n\r\n"u8.ToArray());
            await EndsAsync(talker);
            for (int i = 0; i < 20; i++)
            {
                silent.Add(await OpenAsync(port));
            }
        }

        await Task.WhenAll(silent.Select(EndsAsync));
        silent.ForEach(static socket => socket.Dispose());

        Assert.Contains(Silo.Log.Lines, static line => line.Contains("does not speak the cluster's handshake"));
        Assert.Contains(Silo.Log.Lines, static line => line.Contains("handshake not finished within 5 s"));
        using IHost client = await Silo.ConnectAsync(Key);
        Assert.Equal("on", await client.Services.GetRequiredService<IGrainFactory>().GetGrain<IOpenGrain>(1).EchoAsync("on"));
        await client.StopAsync();
    }

    private bool SiloSaid(string start, string end) => Silo.Log.Lines.Any(line => line.StartsWith($"Warning {start}") && line.Contains(end));

    private async Task NotConnectedAsync(ClusterKey? key, string? clusterId, Func<bool> isSaid, LineLogger<SecureSilo>? log = null)
    {
        using CancellationTokenSource cancellation = new();
        Task<IHost> connecting = Silo.ConnectAsync(key, clusterId, log, cancellation.Token);
        await UntilAsync(() => Task.FromResult(isSaid()), "the refusal to be said");
        Assert.False(connecting.IsCompleted);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => connecting.WaitAsync(Deadline));
    }

    private static async Task RefusedAsync(Func<Task> call)
    {
        UnauthorizedAccessException exception = await Assert.ThrowsAsync<UnauthorizedAccessException>(call);
        Assert.Contains("is not open to clients outside the cluster", exception.Message);
    }

    private static async Task<List<int>> ToListAsync(IAsyncEnumerable<int> source)
    {
        List<int> items = [];
        await foreach (int item in source)
        {
            items.Add(item);
        }

        return items;
    }

    private static async Task<Socket> OpenAsync(int port)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    private static async Task EndsAsync(Socket socket)
    {
        try
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).WaitAsync(Deadline));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // What it sent was not read: also an end.
        }
    }

    internal static async Task UntilAsync(Func<Task<bool>> isTrue, string what)
    {
        using CancellationTokenSource deadline = new(Deadline);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
        while (!await isTrue())
        {
            Assert.True(!deadline.IsCancellationRequested, $"waited {Deadline} for {what}");
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
