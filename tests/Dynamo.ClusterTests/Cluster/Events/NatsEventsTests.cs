using Dynamo.Cluster;
using Dynamo.Cluster.Membership;
using Dynamo.Cluster.Placement;
using Dynamo.Cluster.Planes;
using Dynamo.Cluster.Settings;
using Dynamo.ClusterTests.Support;
using Dynamo.Security.Keys;
using Microsoft.Extensions.DependencyInjection;
using NATS.Client.Core;
using Xunit;

namespace Dynamo.ClusterTests.Cluster.Events;

/// <summary>KV events in a cluster with a real NATS, which dies and comes back.</summary>
[Trait("Category", "Fault")]
public sealed class NatsEventsTests
{
    private static readonly SiloRoles[] TwoWorkers = [SiloRoles.Frontend, SiloRoles.Worker, SiloRoles.Worker];
    private static readonly ClusterKey Key = ClusterKey.Create();

    [NatsFact]
    public async Task NatsKilledAndBack_RouterKnowsWhatEveryWorkerHoldsThroughout()
    {
        await using NatsServer nats = await NatsServer.StartAsync();
        await using NatsConnection observer = new(NatsOpts.Default with { Url = nats.Url.ToString() });
        long numSeen = 0;
        using CancellationTokenSource ended = new();
        Task observing = ObserveAsync();
        await using DynamoCluster cluster = await DynamoCluster.StartAsync(TwoWorkers, more: silo => silo.UseNats(NatsAccess.Of(nats.Url), "test", Key));
        await cluster.UntilAsync(() => Links(cluster).All(static link => link.IsUp), "all to be connected");
        await using ExtraListener extra = await ExtraListener.StartAsync(cluster);
        await cluster.RunAsync(0, 20);
        await cluster.UntilExactAsync();
        await extra.UntilExactAsync();
        await cluster.UntilAsync(() => Volatile.Read(ref numSeen) > 2, "batches on NATS");

        await nats.KillAsync();
        await cluster.RunAsync(20, 20);
        await cluster.UntilExactAsync();
        await extra.UntilExactAsync();
        await cluster.UntilAsync(
            () => cluster.Silos.All(silo => silo.GetRequiredService<IClusterHealth>().Faults is [{ } fault] && fault.StartsWith($"NATS at 127.0.0.1:{nats.Url.Port} has not answered for ")),
            "every silo to say so");

        await nats.RestartAsync();
        await cluster.RunAsync(40, 20);
        await cluster.UntilExactAsync();
        await cluster.UntilAsync(() => Links(cluster).All(static link => link.IsUp && link.Faults.Count == 0), "all to be connected again");
        await cluster.RunAsync(60, 20);
        await cluster.UntilExactAsync();
        await extra.UntilExactAsync();
        long before = Volatile.Read(ref numSeen);
        await cluster.UntilAsync(() => Volatile.Read(ref numSeen) > before, "batches on NATS again");
        await ended.CancelAsync();
        await observing;

        async Task ObserveAsync()
        {
            try
            {
                await foreach (NatsMsg<byte[]> message in observer.SubscribeAsync<byte[]>("dynamo.test.kv.mock.*", cancellationToken: ended.Token))
                {
                    Assert.NotNull(message.Data);
                    Interlocked.Increment(ref numSeen);
                }
            }
            catch (OperationCanceledException)
            {
                // The test is over.
            }
        }
    }

    [NatsFact]
    public async Task NatsAwayFromTheStart_GrainCallsCarryUntilItComes()
    {
        await using NatsServer nats = await NatsServer.StartAsync();
        await nats.KillAsync();
        await using DynamoCluster cluster = await DynamoCluster.StartAsync(TwoWorkers, more: silo => silo.UseNats(NatsAccess.Of(nats.Url), "test", Key));
        await cluster.RunAsync(0, 20);
        await cluster.UntilExactAsync();
        Assert.All(Links(cluster), static link => Assert.False(link.IsUp));

        await nats.RestartAsync();
        await cluster.UntilAsync(() => Links(cluster).All(static link => link.IsUp), "all to be connected");
        await cluster.RunAsync(20, 20);
        await cluster.UntilExactAsync();
    }

    private static IEnumerable<NatsLink> Links(DynamoCluster cluster) => cluster.Silos.Select(static silo => silo.GetRequiredService<NatsLink>());
}
