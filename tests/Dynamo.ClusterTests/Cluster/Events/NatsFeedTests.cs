using System.Net;
using Dynamo.Abstractions.Instances;
using Dynamo.Abstractions.Serving;
using Dynamo.Cluster.Events;
using Dynamo.Cluster.Planes;
using Dynamo.Cluster.Settings;
using Dynamo.ClusterTests.Security;
using Dynamo.Protocol.Wire;
using Dynamo.Security.Keys;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Events;

/// <summary>A listener on a real NATS, where anybody may publish.</summary>
public sealed class NatsFeedTests
{
    // Static, because one that is collected while its last task ends takes the process down.
    private static readonly ConcurrentExclusiveSchedulerPair Schedulers = new();
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly EventSubjects _subjects = new("c");
    private readonly EventSeal _seal = new(ClusterKey.Create());
    private readonly HeldBlocks _held = new();
    private readonly EventCounts _counts = new();
    private readonly ScriptedWorker _worker = new();

    [NatsFact]
    public async Task Run_MessagesThatMakeNoSense_ThoseThatDoAreHeard()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        await using NatsConnection publisher = new(NatsOpts.Default with { Url = server.Url.ToString() });
        string subject = _subjects.Of("m", _worker.Id);
        NatsLink link = await ConnectAsync(server);
        RouterEvents events = await ListenAsync(link);
        byte[] first = WireFormat.Encode(_worker.Batch(_worker.Store(null, 1)));
        await UntilAsync(async () =>
        {
            await publisher.PublishAsync(subject, _seal.Seal(subject, first));
            return _held.NumBlocks(_worker.Id) == 1;
        });

        byte[] second = WireFormat.Encode(_worker.Batch(_worker.Store(1, 2)));
        byte[][] unreadable = [[], [second[0]], [second[0], 9, .. second[2..]], second[..^1], [.. second, 0], [1, .. second[1..]], [5, 1, .. second[2..]], [5, 2, .. Enumerable.Repeat((byte)0xFF, 40)]];
        byte[][] strange = [[], [1, 2, 3], second, new EventSeal(ClusterKey.Create()).Seal(subject, second), _seal.Seal("elsewhere", second)];
        foreach (byte[] message in strange.Concat(unreadable.Select(bytes => _seal.Seal(subject, bytes))).Append(_seal.Seal(subject, second)))
        {
            await publisher.PublishAsync(subject, message);
        }

        await UntilAsync(() => Task.FromResult(_held.NumBlocks(_worker.Id) == 2));
        Assert.Equal(unreadable.Length, _counts.NumUnreadable);
        await CloseAsync(events, link);
    }

    [NatsFact]
    public async Task Dispose_WhileTheServerHangs_Ends()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        NatsLink link = await ConnectAsync(server);
        RouterEvents events = await ListenAsync(link);
        await UntilAsync(() => Task.FromResult(link.IsUp));

        server.Pause();

        await CloseAsync(events, link);
    }

    [NatsFact]
    public async Task TryPublish_MoreThanAMessageOfNatsHolds_IsLeftToTheNextPlane()
    {
        await using NatsServer server = await NatsServer.StartAsync();
        NatsLink link = await ConnectAsync(server);
        NatsPlane plane = new(link, _subjects, _seal, TimeProvider.System, NullLogger<NatsPlane>.Instance);

        Assert.False(await plane.TryPublishAsync("m", _worker.Id, new WireMessage(new byte[1 << 20]), CancellationToken.None));
        Assert.True(await plane.TryPublishAsync("m", _worker.Id, new WireMessage([1]), CancellationToken.None));
        await link.Connection.PingAsync();
        Assert.Equal(NatsConnectionState.Open, link.Connection.ConnectionState);
        await link.StopAsync(CancellationToken.None);
    }

    private async Task<NatsLink> ConnectAsync(NatsServer server)
    {
        NatsLink link = new(NatsAccess.Of(server.Url), TimeProvider.System, NullLogger<NatsLink>.Instance);
        await link.StartAsync(CancellationToken.None);
        await UntilAsync(() => Task.FromResult(link.IsUp));
        return link;
    }

    // It has nothing to answer, so whatever is known of it came by NATS.
    private async Task<RouterEvents> ListenAsync(NatsLink link)
    {
        NatsFeed feed = new(link, _subjects, _seal, TimeProvider.System, new LineLogger<NatsFeed>());
        RouterEvents events = new("m", _held, _ => new ScriptedWorker(), feed, _counts, TimeProvider.System, new LineLogger<RouterEvents>());
        InstanceReport report = new() { Key = new InstanceKey("m", SiloAddress.New(IPAddress.Loopback, 1, 1), _worker.Generation), Worker = _worker.Id, State = InstanceState.Ready };
        await OnSchedulerAsync(() =>
        {
            events.Start();
            events.Update([report]);
            return Task.FromResult(true);
        });
        return events;
    }

    private static async Task CloseAsync(RouterEvents events, NatsLink link)
    {
        await OnSchedulerAsync(async () =>
        {
            await events.DisposeAsync();
            return true;
        }).WaitAsync(Deadline);
        await link.StopAsync(CancellationToken.None).WaitAsync(Deadline);
    }

    private static async Task UntilAsync(Func<Task<bool>> isTrue)
    {
        using CancellationTokenSource deadline = new(Deadline);
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(5));
        while (!await OnSchedulerAsync(isTrue))
        {
            await timer.WaitForNextTickAsync(deadline.Token);
        }
    }

    private static Task<T> OnSchedulerAsync<T>(Func<Task<T>> run) =>
        Task.Factory.StartNew(run, CancellationToken.None, TaskCreationOptions.None, Schedulers.ExclusiveScheduler).Unwrap();
}
