using Xunit;
using Xunit.Abstractions;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>Many clients that leave a cluster at once, each in another phase of its request.</summary>
[Collection(FaultCollection.Name)]
[Trait("Category", "Fault")]
public sealed class ClientsGoneTests(FaultFixture fixture, ITestOutputHelper output)
{
    private const string Inflight = "dynamo_frontend_inflight_requests";
    private const string Started = "dynamo_frontend_requests_started_total";
    private const string Ended = "dynamo_frontend_requests_total";

    [FaultFact]
    public Task ClientsThatLeaveInEveryPhase_AreCountedAsGoneAndTheOthersAreNotTouched() => fixture.RunAsync(output, static async run =>
    {
        FaultCluster cluster = run.Cluster;
        StreamLoad stay = cluster.StartLoad(static options => options with { NumStreams = 32 });

        // Before its answer begins, at its first event, and some way into it.
        StreamLoad leave = cluster.StartLoad(static options => options with { NumStreams = 96, LeaveAfter = static client => client % 24 });
        await leave.EndAsync();
        await run.JudgeAsync("96 clients leave, 32 stay", stay);

        for (int i = 0; i < cluster.Frontends.Count; i++)
        {
            int frontend = i;
            await Eventually.TrueAsync(
                async () => (await PageAsync(cluster, frontend)).Sum(Inflight) == 0,
                async () => $"{Inflight} of frontend {frontend} is {(await PageAsync(cluster, frontend)).Sum(Inflight)}, not 0");
            MetricPage page = await PageAsync(cluster, frontend);
            Assert.Equal(page.Sum(Started), page.Sum(Ended));
        }
    });

    private static async Task<MetricPage> PageAsync(FaultCluster cluster, int frontend) => new(await cluster.AskAsync("metrics", frontend));
}
