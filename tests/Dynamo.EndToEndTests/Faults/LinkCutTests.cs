using Xunit;
using Xunit.Abstractions;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>A link between a worker and one frontend that carries nothing any more, while both reach everybody else.</summary>
[Collection(FaultCollection.Name)]
[Trait("Category", "Fault")]
public sealed class LinkCutTests(FaultFixture fixture, ITestOutputHelper output)
{
    [NetworkFaultFact]
    public Task LinkBetweenAWorkerAndAFrontendCut_RequestsMoveAndTheLinkHeals() => fixture.RunAsync(output, static async run =>
    {
        FaultCluster cluster = run.Cluster;
        int worker = run.Round % cluster.Workers.Count;
        int frontend = run.Round % cluster.Frontends.Count;
        StreamLoad load = cluster.StartLoad();
        await load.AllBeganAsync();
        long fault = FaultRun.Now;
        cluster.Cut(worker, frontend);
        StreamLoad next = cluster.StartLoad(static options => options with { NumTokens = 24 });

        await run.JudgeAsync("link between a worker and a frontend cut", load, fault, Limits.AfterStall);
        await run.JudgeAsync("link between a worker and a frontend cut: the next 64 requests", next, longestGap: Limits.AfterStall);
        cluster.Mend(worker, frontend);

        // A silo that its peers took for dead has ended itself; whoever keeps it running starts it again.
        await cluster.HealAsync();
        await run.JudgeAsync("link between a worker and a frontend mended", cluster.StartLoad());
    });
}
