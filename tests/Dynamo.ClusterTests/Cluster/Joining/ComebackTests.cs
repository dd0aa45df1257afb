using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dynamo.Cluster.Membership;
using Dynamo.Cluster.Settings;
using Dynamo.ClusterTests.Security;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Joining;

/// <summary>A silo on real sockets and a real Redis whose table was left by processes that are gone, in each way in which they can be.</summary>
[Trait("Category", "Fault")]
public sealed class ComebackTests
{
    // Orleans alone waits 90 s for rows to grow old. Nobody listens, nobody answers: neither takes longer than a silo's own start.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    [RedisFact]
    public async Task AllKilled_OthersStartOnOtherPorts() => await ComesBackAsync(static _ => SiloAddress.New(IPAddress.Loopback, FreePort.On(IPAddress.Loopback), 1));

    // An address of TEST-NET-1 (RFC 5737), which nobody has: no answer, or no way there.
    [RedisFact]
    public async Task HostRebooted_AtAnotherAddress() => await ComesBackAsync(static number => SiloAddress.New(IPAddress.Parse($"192.0.2.{number + 1}"), 11111, 1));

    [RedisFact]
    public async Task OtherProgramsHaveThePortsNow()
    {
        using TcpListener stranger = new(IPAddress.Loopback, 0);
        stranger.Start();
        Task answering = AnswerAsync(stranger);

        await ComesBackAsync(number => SiloAddress.New(IPAddress.Loopback, ((IPEndPoint)stranger.LocalEndpoint).Port, number + 1));
        stranger.Stop();
        await answering;
    }

    [RedisFact]
    public async Task RedisOlderThanTheProcesses_OlderGenerationsOfALivingMembersAddressAreGone()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using SecureSilo member = await SecureSilo.StartAsync(redis);
        SiloAddress older = SiloAddress.New(member.Address.Endpoint, member.Address.Generation - 1);
        await LeaveAsync(member.Services.GetRequiredService<IMembershipTable>(), older);

        await using SecureSilo late = await SecureSilo.StartAsync(redis);

        MembershipTableData table = await late.Services.GetRequiredService<IMembershipTable>().ReadAllAsync();
        Assert.Equal(SiloStatus.Dead, table.TryGet(older)!.Item1.Status);
        Assert.Equal(SiloStatus.Active, table.TryGet(member.Address)!.Item1.Status);
        Assert.Equal("both", await late.Grains.GetGrain<IClosedGrain>(1).EchoAsync("both"));
    }

    [RedisFact]
    public async Task Member_ShowsInRedisThatItLives()
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        await using SecureSilo member = await SecureSilo.StartAsync(redis);
        using ConnectionMultiplexer connection = redis.Connect();

        TimeSpan? left = await connection.GetDatabase().KeyTimeToLiveAsync($"dynamo/alive/test/{member.Address}");

        Assert.InRange(left!.Value, TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    private static async Task ComesBackAsync(Func<int, SiloAddress> address)
    {
        await using RedisServer redis = await RedisServer.StartAsync();
        SiloAddress[] gone = [.. Enumerable.Range(0, 3).Select(address)];
        await using (SecureSilo first = await SecureSilo.StartAsync(redis))
        {
            await LeaveAsync(first.Services.GetRequiredService<IMembershipTable>(), gone);
        }

        long start = Stopwatch.GetTimestamp();
        await using SecureSilo second = await SecureSilo.StartAsync(redis);

        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, Limit);
        MembershipTableData table = await second.Services.GetRequiredService<IMembershipTable>().ReadAllAsync();
        Assert.All(gone, silo => Assert.Equal(SiloStatus.Dead, table.TryGet(silo)!.Item1.Status));
        Assert.Equal("on", await second.Grains.GetGrain<IClosedGrain>(1).EchoAsync("on"));
        Assert.Single(second.Log.Lines, static line => line.Contains("3 rows that processes left"));
        Assert.Empty(second.Services.GetServices<IClusterHealth>().SelectMany(static part => part.Faults));
    }

    // Rows as fresh as those of processes that were killed this moment.
    private static async Task LeaveAsync(IMembershipTable table, params SiloAddress[] silos)
    {
        foreach (SiloAddress silo in silos)
        {
            MembershipEntry row = Rows.Row(silo, host: Dns.GetHostName());
            row.StartTime = row.IAmAliveTime = DateTime.UtcNow;
            while (!await table.InsertRowAsync(row, (await table.ReadAllAsync()).Version.Next()))
            {
            }
        }
    }

    private static async Task AnswerAsync(TcpListener listener)
    {
        List<TcpClient> peers = [];
        try
        {
            while (true)
            {
                TcpClient peer = await listener.AcceptTcpClientAsync();
                await peer.GetStream().WriteAsync("220 mail.example ready\r\n"u8.ToArray());
                peers.Add(peer);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over.
            peers.ForEach(static peer => peer.Dispose());
        }
    }
}
