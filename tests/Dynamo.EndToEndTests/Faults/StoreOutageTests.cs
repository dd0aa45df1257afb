using System.Text.Json.Nodes;
using Xunit;
using Xunit.Abstractions;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>Redis and NATS go and come back while requests are served.</summary>
[Collection(FaultCollection.Name)]
[Trait("Category", "Fault")]
public sealed class StoreOutageTests(FaultFixture fixture, ITestOutputHelper output)
{
    // Longer than every timer of the cluster that has to do with Redis or NATS: membership is read each 5 s, commands fail after 2 s.
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(6);

    [FaultTheory]
    [InlineData("Redis", true, false)]
    [InlineData("NATS", false, true)]
    [InlineData("Redis and NATS", true, true)]
    public Task StoreKilledAndBack_NoRequestFailsMeanwhile(string name, bool redis, bool nats) => fixture.RunAsync(output, async run =>
    {
        FaultCluster cluster = run.Cluster;
        StreamLoad load = cluster.StartLoad(static options => options with { IsContinuous = true });
        await load.AllBeganAsync();
        long fault = FaultRun.Now;
        await KillAsync(cluster, redis, nats);
        await Task.WhenAll(Task.Delay(Outage), load.AnsweredSinceAsync(fault, StreamLoadOptions.NumRequests));
        long back = FaultRun.Now;
        await StartAsync(cluster, redis, nats);
        await load.AnsweredSinceAsync(back, StreamLoadOptions.NumRequests);

        await run.JudgeAsync($"{name} killed and back", load, fault);
        await cluster.ServesAsync();
    });

    [FaultFact]
    public Task WorkerKilledDuringTheOutage_LosesNothing() => fixture.RunAsync(output, static async run =>
    {
        FaultCluster cluster = run.Cluster;
        await KillAsync(cluster, redis: true, nats: true);
        StreamLoad load = cluster.StartLoad();
        await load.AllBeganAsync();
        long fault = FaultRun.Now;
        cluster.Workers[run.Round % cluster.Workers.Count].Send(Signal.Kill);
        StreamLoad next = cluster.StartLoad(static options => options with { NumTokens = 24 });

        await run.JudgeAsync("kill -9 a worker while Redis and NATS are away", load, fault, Limits.AfterKill);
        await run.JudgeAsync("kill -9 a worker while Redis and NATS are away: the next 64 requests", next, longestGap: Limits.AfterKill);
        await StartAsync(cluster, redis: true, nats: true);
    });

    [FaultFact]
    public Task StoresAway_AreSaidInHealthUntilTheyAreBack() => fixture.RunAsync(output, static async run =>
    {
        FaultCluster cluster = run.Cluster;
        await KillAsync(cluster, redis: true, nats: true);
        string[] said = [$"Redis at {cluster.Redis.EndPoint} is out of reach", $"NATS at {new Uri(cluster.Nats.Url).Authority} has not answered for"];
        for (int i = 0; i < cluster.Frontends.Count; i++)
        {
            int frontend = i;
            await Eventually.TrueAsync(
                async () => await cluster.AskAsync("health", frontend) is { } health && said.All(fault => health.Contains(fault, StringComparison.Ordinal)),
                async () => $"/health of frontend {frontend} does not say that Redis and NATS are away: {await cluster.AskAsync("health", frontend)}");
        }

        await StartAsync(cluster, redis: true, nats: true);
        for (int i = 0; i < cluster.Frontends.Count; i++)
        {
            int frontend = i;
            await Eventually.TrueAsync(
                async () => JsonNode.Parse(await cluster.AskAsync("health", frontend))!["faults"]!.AsArray().Count == 0,
                async () => $"/health of frontend {frontend} still has faults: {await cluster.AskAsync("health", frontend)}");
        }
    });

    private static async Task KillAsync(FaultCluster cluster, bool redis, bool nats)
    {
        if (redis)
        {
            await cluster.Redis.KillAsync();
        }

        if (nats)
        {
            await cluster.Nats.KillAsync();
        }
    }

    private static async Task StartAsync(FaultCluster cluster, bool redis, bool nats)
    {
        if (redis)
        {
            await cluster.Redis.StartAsync();
        }

        if (nats)
        {
            await cluster.Nats.StartAsync();
        }
    }
}
