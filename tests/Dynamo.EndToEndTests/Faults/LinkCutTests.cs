using Xunit;
using Xunit.Abstractions;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>A link between a worker and one frontend that carries nothing any more, while both reach everybody else.</summary>
[Collection(FaultCollection.Name)]
[Trait("Category", "Fault")]
public sealed class LinkCutTests(ITestOutputHelper output)
{
    [NetworkFaultFact]
    public async Task LinkBetweenAWorkerAndAFrontendCut_RequestsMoveAndTheLinkHeals()
    {
        IReadOnlyList<StreamAnswer> expected = await Undisturbed.AnswersAsync(Subject.Current);
        await using FaultCluster cluster = await FaultCluster.StartAsync(Subject.Current, network: new NetworkNamespaces());
        try
        {
            for (int i = 0; i < FaultReport.NumRounds; i++)
            {
                await RunAsync(new FaultRun(cluster, expected, i, output));
            }
        }
        catch
        {
            output.WriteLine(cluster.Logs());
            throw;
        }
    }

    private static async Task RunAsync(FaultRun run)
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
    }
}
