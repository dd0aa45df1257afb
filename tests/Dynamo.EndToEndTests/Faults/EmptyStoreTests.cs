using Xunit;
using Xunit.Abstractions;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>Redis comes back without the cluster's members: Orleans would form a second cluster beside the first.</summary>
[Collection(FaultCollection.Name)]
[Trait("Category", "Fault")]
public sealed class EmptyStoreTests(FaultFixture fixture, ITestOutputHelper output)
{
    [FaultFact(Awaited.EmptyStore)]
    public Task RedisBackEmpty_ServesOnSaysSoAndIsWholeAfterARestart() => fixture.RunAsync(output, static async run =>
    {
        FaultCluster cluster = run.Cluster;
        StreamLoad load = cluster.StartLoad(static options => options with { IsContinuous = true });
        await load.AllBeganAsync();
        await cluster.Redis.KillAsync();
        cluster.Redis.Empty();
        await cluster.Redis.StartAsync();
        long fault = FaultRun.Now;

        for (int i = 0; i < cluster.Frontends.Count; i++)
        {
            int frontend = i;
            await Eventually.TrueAsync(
                async () => (await cluster.AskAsync("health", frontend)).Contains("empty", StringComparison.OrdinalIgnoreCase),
                async () => $"/health of frontend {frontend} does not say that Redis is empty: {await cluster.AskAsync("health", frontend)}");
        }

        await load.AnsweredSinceAsync(fault, StreamLoadOptions.NumRequests);
        await run.JudgeAsync("Redis back empty", load, fault);
        Assert.All(cluster.Frontends.Concat(cluster.Workers), static node => Assert.Contains("empty", node.Output, StringComparison.OrdinalIgnoreCase));

        // The documented way out: every process is started again.
        foreach (ClusterNode node in cluster.Workers.Concat(cluster.Frontends))
        {
            node.Send(Signal.Kill);
            await node.ExitedAsync();
        }

        await cluster.HealAsync();
        await run.JudgeAsync("Redis back empty: after the restart", cluster.StartLoad());
    });
}
