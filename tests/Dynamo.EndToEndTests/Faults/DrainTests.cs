using Xunit;
using Xunit.Abstractions;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>Processes that are asked to leave under load.</summary>
[Collection(FaultCollection.Name)]
[Trait("Category", "Fault")]
public sealed class DrainTests(FaultFixture fixture, ITestOutputHelper output)
{
    [FaultFact]
    public Task WorkerTerminated_FailsAndTruncatesNothing() => fixture.RunAsync(output, static async run =>
    {
        FaultCluster cluster = run.Cluster;
        ClusterNode worker = cluster.Workers[run.Round % cluster.Workers.Count];
        StreamLoad load = cluster.StartLoad();
        await load.AllBeganAsync();
        long fault = FaultRun.Now;
        worker.Send(Signal.Terminate);
        StreamLoad next = cluster.StartLoad(static options => options with { NumTokens = 24 });

        await run.JudgeAsync("SIGTERM a worker", load, fault);
        await run.JudgeAsync("SIGTERM a worker: the next 64 requests", next);
        Assert.Equal(0, await worker.ExitedAsync());
    });

    [FaultFact]
    public Task WorkerDrainedByAnAdministrator_BecomesSafeToDelete() => fixture.RunAsync(output, static async run =>
    {
        FaultCluster cluster = run.Cluster;
        int worker = run.Round % cluster.Workers.Count;
        StreamLoad load = cluster.StartLoad();
        await load.AllBeganAsync();
        WorkerStatus before = (await cluster.StatusAsync(worker))!;
        Assert.False(before.IsSafeToDelete, "the worker has streams");
        long fault = FaultRun.Now;
        await cluster.DrainAsync(before.Id, frontend: 1);

        // A worker that is drained and gone from the list is as safe as one that says so.
        await Eventually.TrueAsync(
            async () => await cluster.StatusAsync(worker) is not { IsSafeToDelete: false },
            async () => $"the drained worker is not safe to delete: {await cluster.AskAsync("admin/workers")}");
        await run.JudgeAsync("POST /admin/drain", load, fault);
        cluster.Workers[worker].Send(Signal.Kill);
        await cluster.Workers[worker].ExitedAsync();
    });

    [FaultFact]
    public Task RollingRestart_FailsAndTruncatesNothing() => fixture.RunAsync(output, static async run =>
    {
        FaultCluster cluster = run.Cluster;
        StreamLoad load = cluster.StartLoad(static options => options with { NumStreams = StreamLoadOptions.NumSteady, IsContinuous = true, MayResume = true, Limit = TimeSpan.FromMinutes(5) });
        await load.AllBeganAsync();

        // Clients that began together may all be between two answers at once.
        await Eventually.TrueAsync(() => Task.FromResult(load.NumStreaming > load.NumClients / 2), () => Task.FromResult($"only {load.NumStreaming} streams are on their way"));
        long fault = FaultRun.Now;

        // Workers are alike; with both frontends the router moves, wherever it is.
        ClusterNode[] nodes = [.. cluster.Workers.Take(LongRounds.AreOn ? cluster.Workers.Count : 1), .. cluster.Frontends];
        foreach (ClusterNode node in nodes)
        {
            node.Send(Signal.Terminate);
            Assert.Equal(0, await node.ExitedAsync());
            await cluster.HealAsync();
        }

        await run.JudgeAsync(LongRounds.AreOn ? "rolling restart of all" : "rolling restart of a worker and all frontends", load, fault);
    });
}
