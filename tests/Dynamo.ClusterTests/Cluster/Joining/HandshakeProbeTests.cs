using System.Net;
using System.Net.Sockets;
using Dynamo.Cluster.Joining;
using Dynamo.Cluster.Settings;
using Dynamo.ClusterTests.Security;
using Dynamo.ClusterTests.Support;
using Dynamo.Security.Handshake;
using Dynamo.Security.Keys;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Joining;

/// <summary>What may be at an address where a silo was, on real sockets.</summary>
public sealed class HandshakeProbeTests : IDisposable
{
    private readonly TimerWatchingTime _time = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly HandshakeProbe _probe;

    public HandshakeProbeTests()
    {
        _listener.Start();
        _probe = new HandshakeProbe(Handshake(HandshakePair.Key, HandshakePair.ClusterName), _time);
    }

    [Fact]
    public async Task NobodyListens_IsRefused() =>
        Assert.Equal(SiloSign.Refused, await _probe.ProbeAsync(SiloAddress.New(IPAddress.Loopback, FreePort.On(IPAddress.Loopback), 1), isShown: false, default));

    [Fact]
    public async Task SiloOfThisCluster_Lives()
    {
        Task<SiloSign> sign = ProbeAsync();
        using TcpClient peer = await _listener.AcceptTcpClientAsync();
        await Handshake(HandshakePair.Key, HandshakePair.ClusterName).AcceptAsync(peer.GetStream(), peer.GetStream(), HandshakeChannel.Silo, default);

        Assert.Equal(SiloSign.Lives, await sign);
    }

    [Theory]
    [InlineData("other", HandshakeChannel.Silo)]
    [InlineData(HandshakePair.ClusterName, HandshakeChannel.Gateway)]
    public async Task SiloOfAnotherClusterOrAnotherPortOfThisOne_IsAStranger(string cluster, HandshakeChannel channel)
    {
        Task<SiloSign> sign = ProbeAsync();
        using TcpClient peer = await _listener.AcceptTcpClientAsync();
        await Assert.ThrowsAsync<HandshakeException>(() => Handshake(HandshakePair.Key, cluster).AcceptAsync(peer.GetStream(), peer.GetStream(), channel, default));

        Assert.Equal(SiloSign.Stranger, await sign);
    }

    [Fact]
    public async Task AnotherProgram_IsAStranger()
    {
        Task<SiloSign> sign = ProbeAsync();
        using TcpClient peer = await _listener.AcceptTcpClientAsync();
        await peer.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray());

        Assert.Equal(SiloSign.Stranger, await sign);
    }

    [Fact]
    public async Task WhoClosesWithoutAWord_IsMute()
    {
        Task<SiloSign> sign = ProbeAsync();
        (await _listener.AcceptTcpClientAsync()).Dispose();

        Assert.Equal(SiloSign.Mute, await sign);
    }

    [Fact]
    public async Task WhoSaysNothing_IsMute()
    {
        // One limit for connecting, one for the proof.
        Task<SiloSign> sign = ProbeAsync();
        for (int i = 0; i < 2; i++)
        {
            await _time.UntilWaitedOnAsync();
        }

        _time.Advance(HandshakeProbe.Timeout);
        Assert.Equal(SiloSign.Mute, await sign);
    }

    [Fact]
    public async Task WhoTellsRedisThatItLives_IsTakenForItAtOnce() =>
        Assert.Equal(SiloSign.Lives, await _probe.ProbeAsync(Silo(), isShown: true, default));

    public void Dispose() => _listener.Dispose();

    private static ClusterHandshake Handshake(ClusterKey key, string cluster) => new(key, cluster, TimeProvider.System);

    private Task<SiloSign> ProbeAsync() => _probe.ProbeAsync(Silo(), isShown: false, default);

    private SiloAddress Silo() => SiloAddress.New((IPEndPoint)_listener.LocalEndpoint, 1);
}
