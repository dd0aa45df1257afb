using Xunit;
using Xunit.Abstractions;

namespace Dynamo.EndToEndTests.Faults;

/// <summary>Workers that die or stand still under load: their streams go on elsewhere, and new requests do not go to them.</summary>
[Collection(FaultCollection.Name)]
[Trait("Category", "Fault")]
public sealed class WorkerDeathTests(FaultFixture fixture, ITestOutputHelper output)
{
    private const int NumTokensOfNext = 24;

    // Longer than silence may last, and so short that the streams that moved still run when the worker comes back with what it had for them.
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(LongRounds.AreOn ? 5 : 1.5);

    [FaultFact]
    public Task KilledWorker_LosesNoStreamAndNoRequestThatFollows() => fixture.RunAsync(output, static async run =>
    {
        FaultCluster cluster = run.Cluster;
        StreamLoad load = cluster.StartLoad();
        await load.AllBeganAsync();
        long fault = FaultRun.Now;
        cluster.Workers[run.Round % cluster.Workers.Count].Send(Signal.Kill);
        StreamLoad next = cluster.StartLoad(static options => options with { NumTokens = NumTokensOfNext });

        await run.JudgeAsync("kill -9 a worker", load, fault, Limits.AfterKill);
        await run.JudgeAsync("kill -9 a worker: the next 64 requests", next, longestGap: Limits.AfterKill);
    });

    [FaultFact]
    public Task AllWorkersButOneKilled_TheLastOneFinishesEveryStream() => fixture.RunAsync(output, static async run =>
    {
        FaultCluster cluster = run.Cluster;
        StreamLoad load = cluster.StartLoad();
        await load.AllBeganAsync();
        long fault = FaultRun.Now;
        for (int i = 1; i < cluster.Workers.Count; i++)
        {
            cluster.Workers[(run.Round + i) % cluster.Workers.Count].Send(Signal.Kill);
        }

        await run.JudgeAsync("kill -9 all workers but one", load, fault, Limits.AfterKill);
    });

    [FaultFact]
    public Task WorkerThatStandsStill_LosesNoStreamAndDoublesNoneWhenItGoesOn() => fixture.RunAsync(output, static async run =>
    {
        FaultCluster cluster = run.Cluster;
        ClusterNode worker = cluster.Workers[run.Round % cluster.Workers.Count];

        StreamLoad load = cluster.StartLoad(options => options with { NumTokens = cluster.Subject.MaxTokens });
        await load.AllBeganAsync();
        long fault = FaultRun.Now;
        worker.Send(Signal.Stop);

        // The stall is the fault: it lasts as long as it lasts.
        await Task.Delay(Stall);
        int numInFlight = load.NumInFlight;
        worker.Send(Signal.Continue);
        StreamLoad next = cluster.StartLoad(static options => options with { NumTokens = NumTokensOfNext });

        string name = FormattableString.Invariant($"SIGSTOP a worker for {Stall.TotalSeconds} s");
        await run.JudgeAsync(name, load, fault, Limits.AfterStall);
        await run.JudgeAsync($"{name}: the next 64 requests", next, longestGap: Limits.AfterKill);
        Assert.True(numInFlight >= StreamLoadOptions.NumRequests / 2, $"{numInFlight} streams were in flight when the worker came back");
        Assert.True(worker.IsAlive, "the worker took no harm from its stall");
    });
}
