using Xunit;
using Xunit.Abstractions;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>Frontends that die under load.</summary>
[Collection(FaultCollection.Name)]
[Trait("Category", "Fault")]
public sealed class FrontendDeathTests(FaultFixture fixture, ITestOutputHelper output)
{
    // Which frontend hosts the router is the cluster's affair, so each is killed in turn while all clients are at the other: once the first
    // is gone, the second is the only place left for the router, and it does not go back.
    [FaultFact]
    public Task FrontendThatHostsTheRouterKilled_StreamsOfTheOtherGoOn() => fixture.RunAsync(output, static async run =>
    {
        FaultCluster cluster = run.Cluster;
        for (int victim = 0; victim < cluster.Frontends.Count; victim++)
        {
            int other = 1 - victim;
            StreamLoad load = cluster.StartLoad(options => options with { FrontendOf = _ => other });
            await load.AllBeganAsync();
            long fault = FaultRun.Now;
            cluster.Frontends[victim].Send(Signal.Kill);
            StreamLoad next = cluster.StartLoad(options => options with { FrontendOf = _ => other, NumTokens = 24 });

            string name = victim == 0 ? "kill -9 a frontend without clients" : "kill -9 the frontend that hosts the router";
            await run.JudgeAsync(name, load, fault, Limits.AfterKill);
            await run.JudgeAsync($"{name}: the next 64 requests", next, longestGap: Limits.AfterKill);
            await cluster.HealAsync();
        }
    });

    [FaultFact]
    public Task FrontendKilled_ItsClientsResumeAtTheOther() => fixture.RunAsync(output, static async run =>
    {
        FaultCluster cluster = run.Cluster;
        StreamLoad load = cluster.StartLoad(static options => options with { MayResume = true });
        await load.AllBeganAsync();
        long fault = FaultRun.Now;
        cluster.Frontends[run.Round % 2].Send(Signal.Kill);

        await run.JudgeAsync("kill -9 a frontend, clients resume by id", load, fault, Limits.AfterKill);
    });
}
